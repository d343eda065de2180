// What the sampler sees, drawn from what is kept. Drawing reads and changes nothing.

import { say, saidSpan, saidTime, spoken } from "./words.js";

// A clock that is off by less than a minute troubles nobody.
const CLOCK_TOLERANCE = 60_000;

export const by = (id) => document.getElementById(id);

export async function draw(screen) {
  const { desk, device, outbox } = screen, view = screen.currentView();
  for (const section of document.querySelectorAll("[data-view]")) section.hidden = section.dataset.view !== view;
  for (const button of document.querySelectorAll("[data-go]")) button.ariaCurrent = button.dataset.go === view ? "page" : null;
  for (const button of document.querySelectorAll("[data-mode]")) button.ariaPressed = String(button.dataset.mode === screen.mode);
  for (const button of document.querySelectorAll("[data-kind]")) button.ariaPressed = String(button.dataset.kind === screen.kind);
  by("views").hidden = !desk.shift || !device.id;
  by("language").textContent = spoken() === "en" ? "中文" : "English";
  by("where").textContent = [desk.point(), desk.round()].map((each) => each?.name).filter(Boolean).join(" · ");
  const standing = await outbox.standing();
  drawStanding(standing, screen);
  if (view === "start") drawStart(desk);
  if (view === "tube") await drawTube(desk, outbox);
  if (view === "box") drawBox(desk);
  if (view === "outbox") await drawOutbox(standing, outbox);
  drawFoot(view, screen);
}

function drawStanding({ tubes, boxes, oldest }, { device, uploader }) {
  const net = say(navigator.onLine && uploader.reached !== false ? "online" : "offline");
  const since = oldest && { since: saidTime(oldest), span: saidSpan(Date.now() - Date.parse(oldest)) };
  by("standing").textContent = `${net} · ${oldest ? say("waiting", { tubes, boxes, ...since }) : say("all_up")}`;
  by("waiting").textContent = tubes + boxes || "";
  const off = device.offset ?? 0;
  by("clock").hidden = Math.abs(off) < CLOCK_TOLERANCE;
  by("clock").textContent = say(off > 0 ? "clock_behind" : "clock_ahead", { span: saidSpan(off) });
}

export function drawStart(desk) {
  const { rounds } = desk.bundle;
  by("nothing-here").hidden = rounds.length > 0;
  by("start").hidden = !rounds.length;
  choices(by("round"), rounds);
  choices(by("point"), desk.pointsOf(Number(by("round").value)));
}

async function drawTube(desk, outbox) {
  const tube = desk.tube, most = desk.shift.people_per_tube;
  const content = tube ? desk.content() : [];
  const pooled = tube?.kind === "persons";
  by("tube-name").textContent = tube?.number ?? say("no_tube");
  by("tube-count").textContent = pooled ? say("count_of", { n: tube.people, most }) : tube ? content.length : "";
  by("places").replaceChildren(...(pooled ? Array.from({ length: most }, (_, at) => element("li", "", at < tube.people ? "taken" : "")) : []));
  by("people").replaceChildren(...content.toReversed().map(({ at, shown, what }) => row(shown ? say(`shown_${shown[0]}`, { text: shown[1] }) : what, saidTime(at))));
  by("household").hidden = !desk.round()?.by_household || (tube && !pooled);
  by("scan-next").hidden = Boolean(tube);
  const closed = (await outbox.all("tubes")).filter((each) => each.closed_at >= desk.shift.started_at);
  closed.sort((a, b) => (a.closed_at < b.closed_at ? 1 : -1));
  by("closed-head").hidden = !closed.length || Boolean(tube);
  const last = tube ? [] : closed.slice(0, 20);
  by("closed").replaceChildren(...last.map((each) => row(`${each.number} · ${say(each.kind === "persons" ? "people_in" : each.kind, { n: each.people })}`, `${saidTime(each.closed_at)} ${say(each.acknowledged_at ? "uploaded" : "kept")}`)));
}

export function drawBox(desk) {
  const box = desk.box;
  by("box-name").textContent = box ? say("box_of", { id: box.id.slice(0, 8) }) : say("no_box");
  by("box-count").textContent = box ? String(box.tubes.length) : "";
  by("box-counted").hidden = !box;
  by("boxed").replaceChildren(...(box?.tubes ?? []).toReversed().map((number) => row(number, "")));
  const counted = by("counted").value.trim();
  by("difference").hidden = !box || counted === "" || Number(counted) === box.tubes.length;
  by("difference").textContent = say("difference", { scanned: box?.tubes.length ?? 0, counted });
}

async function drawOutbox({ tubes, boxes, refused }, outbox) {
  by("outbox-sentence").textContent = say(tubes + boxes ? "outbox_waits" : "outbox_done", { tubes, boxes });
  const troubled = (await outbox.unacknowledged()).filter((batch) => batch.problem);
  by("trouble").replaceChildren(
    ...troubled.map((batch) => row(say("problem_row", { counter: batch.counter, why: batch.problem.message }), "")),
    ...refused.map((each) => row(say("refused_row", { what: each.number ?? each.id.slice(0, 8), why: each.refused.message }), "")),
  );
}

function drawFoot(view, { desk, mode }) {
  const { tube, box, shift, bundle } = desk;
  by("modes").hidden = view !== "tube" || tube?.kind !== "persons";
  by("kinds").hidden = view !== "tube" || Boolean(tube);
  by("entry").hidden = !(view === "tube" || (view === "box" && box));
  const field = view === "box" || !tube ? "tube_number" : tube.kind === "persons" ? `${mode}_field` : "item_field";
  by("field-name").textContent = by("field").placeholder = say(field);
  by("undo").hidden = !{ tube, box }[view];
  const names = {
    enrol: "enrol",
    start: bundle?.rounds.length ? "start" : "look_again",
    tube: tube ? "close_tube" : "open_tube",
    box: box ? "close_box" : "open_box",
    outbox: "upload_now",
  };
  by("act").hidden = !(view in names);
  by("act").textContent = say(names[view] ?? "");
  // The main action stands out when it is the next thing to do.
  const next = view !== "tube" || !tube || tube.kind !== "persons" || tube.people >= shift.people_per_tube;
  by("act").classList.toggle("main-action", next);
  by("act").disabled = view === "tube" && tube !== null && !desk.content().length;
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function row(text, aside) {
  const made = element("li", "");
  made.append(element("span", text), element("span", aside, "muted small"));
  return made;
}

// Keeps what is chosen where it is still there.
function choices(select, rows) {
  const before = select.value;
  select.replaceChildren(...rows.map(({ id, name }) => Object.assign(element("option", name), { value: id })));
  if (rows.some(({ id }) => String(id) === before)) select.value = before;
}
