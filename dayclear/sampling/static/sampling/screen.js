// What the sampler touches and is told: one view at a time, the main action at the bottom, one message at a time.

import { Answer, Device, Unreached } from "./device.js";
import { Desk, Refusal } from "./desk.js";
import { by, draw, drawBox, drawStart } from "./drawing.js";
import { asFile, asLines, asPictures, handOver } from "./exporting.js";
import { openOutbox } from "./outbox.js";
import { Camera, findReader, listen } from "./scanner.js";
import { Uploader } from "./upload.js";
import { learn, other, say, speak, spoken } from "./words.js";

const REFRESH = 10 * 60_000, HOUR = 3_600_000;
const PICTURE_LASTS = 1_500;
const LOCK_PATIENCE = 3_000;

class Screen {
  constructor(shell, outbox) {
    this.shell = shell;
    this.outbox = outbox;
    this.device = new Device(outbox, spoken);
    this.desk = new Desk(outbox, this.device);
    this.uploader = new Uploader(outbox, this.device, () => draw(this));
    this.view = "tube";
    this.mode = "code";
    this.kind = "persons";
    this.turn = Promise.resolve();
    this.waiting = 0;
  }

  async start() {
    await this.device.load();
    await this.desk.load();
    speak((await this.outbox.setting("language")) ?? (navigator.language.startsWith("zh") ? "zh-hans" : "en"));
    if (this.desk.box && !this.desk.tube) this.view = "box";
    // The officer's QR code is a link that carries the enrolment code where no server sees it.
    by("enrol-code").value = decodeURIComponent(location.hash.replace(/^#enrol=/, "").replace(/^#.*/, ""));
    history.replaceState(null, "", location.pathname);
    this.wire();
    await this.wipe();
    await draw(this);
    this.uploader.start();
    await this.refresh();
    setInterval(() => this.refresh(), REFRESH);
    setInterval(() => this.wipe(), HOUR);
    setInterval(() => this.registration?.update().catch(() => draw(this)), HOUR);
    // Ages on the screen go on by themselves.
    setInterval(() => draw(this), 30_000);
  }

  wire() {
    this.focus = listen(by("field"), (text) => this.hand(text));
    by("language").addEventListener("click", () => this.switchLanguage());
    by("act").addEventListener("click", () => this.act());
    by("undo").addEventListener("click", () => this.take(() => (this.view === "box" ? this.desk.takeOutOfBox() : this.desk.undo())));
    by("camera").addEventListener("click", () => this.openCamera());
    by("export-file").addEventListener("click", () => this.take(() => this.exportFile()));
    by("export-qr").addEventListener("click", () => this.take(() => this.exportPictures()));
    by("end").addEventListener("click", () => this.take(() => this.end()));
    by("counted").addEventListener("input", () => drawBox(this.desk));
    by("round").addEventListener("change", () => drawStart(this.desk));
    for (const id of ["enrol", "start"]) by(id).addEventListener("submit", (event) => (event.preventDefault(), this.act()));
    for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => this.go(button.dataset.go));
    for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => this.choose(button.dataset.mode));
    for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => this.choose(this.mode, button.dataset.kind));
    for (const button of document.querySelectorAll("dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  }

  // One step after the other, however fast a scanner types; what is refused is said at once, and drawn when no further
  // step waits.
  take(step) {
    this.waiting += 1;
    this.turn = this.turn.then(async () => {
      try {
        const said = await step();
        if (said) this.tell(said);
      } catch (fault) {
        this.refuse(reasonOf(fault));
      }
      this.waiting -= 1;
      if (!this.waiting) await draw(this);
    });
    return this.turn;
  }

  hand(text) {
    if (!text.trim()) return this.currentView() === "tube" && this.desk.tube && !this.desk.room() ? this.act() : undefined;
    // The next person is a code again: the ways that need typing are chosen each time. Settled now and not when this
    // entry's turn has come: the next choice may have been made by then.
    const { mode, kind } = this;
    this.mode = "code";
    return this.take(async () => {
      if (this.currentView() === "box") return this.desk.putInBox(text);
      try {
        const said = await this.desk.enter(text, mode, kind);
        if (said === "tube_closed") this.afterTube();
        return said;
      } catch (fault) {
        this.mode = mode;
        throw fault;
      }
    });
  }

  // Between two tubes: what is closed goes up, and a new version of the page may take over.
  afterTube() {
    this.kind = "persons";
    this.uploader.nudge();
    this.takeOver();
  }

  act() {
    const acts = {
      enrol: () => this.enrol(),
      start: () => this.begin(),
      tube: () => (this.desk.tube ? this.closeTube() : this.submitEntry()),
      box: () => (this.desk.box ? this.closeBox() : this.desk.openBox()),
      outbox: () => this.uploadNow(),
    };
    return this.take(acts[this.currentView()]);
  }

  submitEntry() {
    const text = by("field").value;
    by("field").value = "";
    if (!text.trim()) throw new Refusal("scan_tube");
    return this.desk.enter(text, this.mode, this.kind);
  }

  async enrol() {
    const code = by("enrol-code").value.trim(), name = by("enrol-name").value.trim();
    if (!by("enrol").reportValidity()) return undefined;
    await this.desk.learn(await this.device.enrol(code, name));
    return "enrolled";
  }

  async begin() {
    if (!this.desk.bundle.rounds.length) return this.refresh();
    await this.desk.startShift(Number(by("round").value), Number(by("point").value));
    this.view = "tube";
    return "started";
  }

  async closeTube() {
    const said = await this.desk.closeTube();
    this.afterTube();
    return said;
  }

  async closeBox() {
    const typed = by("counted").value.trim();
    const said = await this.desk.closeBox(typed === "" ? NaN : Number(typed));
    by("counted").value = "";
    this.uploader.nudge();
    return said;
  }

  async uploadNow() {
    await this.uploader.nudge();
    if (this.uploader.reached === false || !navigator.onLine) throw new Refusal("not_reached");
  }

  async end() {
    await this.desk.endShift();
    this.takeOver();
    return "ended";
  }

  async exportFile() {
    const batches = await this.uploader.freezeAll();
    if (!batches.length) return "nothing_to_export";
    const name = `dayclear-${this.device.id}-${batches[0].counter}-${batches.at(-1).counter}.json`;
    await handOver(asFile(this.device, batches), name);
    await this.outbox.markExported(batches.map((batch) => batch.counter), new Date().toISOString());
    return "exported";
  }

  async exportPictures() {
    if (!this.shell.decoder) throw new Refusal("no_pictures");
    const batches = await this.uploader.freezeAll();
    if (!batches.length) return "nothing_to_export";
    const pictures = await asPictures(await asLines(asFile(this.device, batches)), this.shell.decoder);
    const addresses = pictures.map((picture) => URL.createObjectURL(picture));
    let at = 0;
    const show = () => {
      by("picture").src = addresses[at % addresses.length];
      by("picture-number").textContent = say("picture_of", { n: (at % addresses.length) + 1, count: addresses.length });
      at += 1;
    };
    show();
    const timer = setInterval(show, PICTURE_LASTS);
    by("pictures").addEventListener("close", () => (clearInterval(timer), addresses.forEach((address) => URL.revokeObjectURL(address))), { once: true });
    by("pictures").showModal();
    return undefined;
  }

  async openCamera() {
    this.reader ??= await findReader(this.shell.decoder);
    if (!this.reader) return this.refuse(say("no_camera"));
    const camera = new Camera(by("video"), this.reader, async (text) => {
      await this.hand(text);
      by("camera-said").textContent = by("said").textContent;
    });
    by("viewfinder").addEventListener("close", () => camera.stop(), { once: true });
    by("camera-said").textContent = "";
    by("viewfinder").showModal();
    try {
      await camera.start();
    } catch (fault) {
      by("viewfinder").close();
      this.refuse(say("camera_shut", { why: fault.message }));
    }
    return undefined;
  }

  async switchLanguage() {
    speak(other());
    await this.outbox.keep("language", spoken());
    by("said").hidden = true;
    await draw(this);
  }

  // A new round, a called-back code, a lost block: asked for at the start and every ten minutes.
  async refresh() {
    if (!this.device.id || !navigator.onLine) return;
    try {
      await this.desk.refresh();
    } catch (fault) {
      // Without a server the shift goes on with what it has.
      if (!(fault instanceof Unreached)) this.refuse(reasonOf(fault));
    }
    await draw(this);
  }

  wipe() {
    const now = Date.now();
    return this.outbox.wipe(new Date(now - this.shell.wipe_after_hours * HOUR).toISOString(), now);
  }

  go(view) {
    this.view = view;
    by("said").hidden = true;
    return draw(this);
  }

  choose(mode, kind = this.kind) {
    Object.assign(this, { mode, kind });
    const field = by("field");
    field.inputMode = { code: "none", identity: "text", slip: "text" }[mode];
    field.focus();
    return draw(this);
  }

  currentView() {
    if (!this.device.id) return "enrol";
    return this.desk.shift ? this.view : "start";
  }

  tell(key) {
    this.message(say(key), false);
    this.signal(880, 0.06, 40);
  }

  refuse(text) {
    this.message(text, true);
    this.signal(196, 0.3, [120, 60, 120]);
  }

  message(text, refused) {
    const said = by("said");
    said.role = refused ? "alert" : "status";
    said.classList.toggle("refused", refused);
    said.textContent = text;
    said.hidden = false;
  }

  // Heard and felt: eyes are on the swab. A browser lets a page sound and shake only after it was touched once.
  signal(pitch, seconds, shake) {
    if (!navigator.userActivation?.hasBeenActive) return;
    navigator.vibrate?.(shake);
    this.audio ??= new AudioContext();
    const tone = this.audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(this.audio.destination);
    tone.start();
    tone.stop(this.audio.currentTime + seconds);
  }

  // The service worker, and its next version: only between tubes.
  async install() {
    if (!("serviceWorker" in navigator)) return this.refuse(say("not_kept"));
    const controlled = Boolean(navigator.serviceWorker.controller);
    navigator.serviceWorker.addEventListener("controllerchange", () => controlled && location.reload());
    this.registration = await navigator.serviceWorker.register("worker.js", { updateViaCache: "none" }).catch(() => null);
    if (!this.registration) return this.refuse(say("not_kept"));
    this.registration.addEventListener("updatefound", () => {
      this.registration.installing.addEventListener("statechange", () => this.takeOver());
    });
    this.takeOver();
    return undefined;
  }

  takeOver() {
    if (this.registration?.waiting && !this.desk.tube) this.registration.waiting.postMessage("take over");
  }
}

// The sentence for what went wrong. What is no refusal and no network is a fault of ours: it is shown, and thrown on.
function reasonOf(fault) {
  if (fault instanceof Refusal) return say(fault.key, fault.values);
  if (fault instanceof Answer) return fault.message || say("not_reached");
  if (fault instanceof Unreached) return say("not_reached");
  reportError(fault);
  return `${fault.name}: ${fault.message}`;
}

async function open() {
  const shell = await (await fetch("shell.json")).json();
  learn(shell.texts);
  speak(navigator.language.startsWith("zh") ? "zh-hans" : "en");
  const screen = new Screen(shell, await openOutbox());
  // Two windows would write over each other: the second says so and stands back.
  await navigator.locks.request("dayclear-desk", { signal: AbortSignal.timeout(LOCK_PATIENCE) }, async () => {
    await screen.start();
    document.body.dataset.ready = "";
    await screen.install();
    await new Promise(() => {});
  });
}

open().catch((fault) => {
  if (fault.name !== "TimeoutError") throw fault;
  document.querySelector("[data-view=elsewhere]").hidden = false;
  by("act").hidden = true;
});
