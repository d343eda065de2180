// Three ways in: a scanner that types (keyboard wedge), fingers, and the camera.

const AGAIN_AFTER = 3_000;
const FORMATS = ["qr_code", "code_128"];

// The entry field takes what is typed anywhere on the page; Enter hands it over. On the screen's keyboard only when the
// field itself is tapped: a scanner must not make it pop up.
export function listen(field, hand) {
  const focus = () => {
    field.inputMode = "none";
    field.focus({ preventScroll: true });
  };
  addEventListener("keydown", (event) => {
    const elsewhere = event.target.closest?.("input, select, textarea, dialog[open]");
    if (event.ctrlKey || event.metaKey || event.altKey || elsewhere) return;
    if (event.key.length === 1 && !(event.key === " " && event.target.closest("button, a"))) focus();
  });
  field.addEventListener("pointerdown", () => {
    field.inputMode = "text";
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value;
    field.value = "";
    hand(text);
  });
  return focus;
}

// What reads a picture: the browser's own detector, else the decoder that `dayclear assets` brought; null without either.
export async function findReader(decoder) {
  if ("BarcodeDetector" in globalThis) {
    const formats = await BarcodeDetector.getSupportedFormats();
    if (FORMATS.every((format) => formats.includes(format))) {
      const detector = new BarcodeDetector({ formats: FORMATS });
      return async (video) => (await detector.detect(video)).map((found) => found.rawValue);
    }
  }
  if (!decoder) return null;
  const { readBarcodes } = await loadDecoder(decoder);
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    context.drawImage(video, 0, 0);
    const picture = context.getImageData(0, 0, canvas.width, canvas.height);
    const found = await readBarcodes(picture, { formats: ["QRCode", "Code128"], maxNumberOfSymbols: 1 });
    return found.map((each) => each.text);
  };
}

export async function loadDecoder(address) {
  const decoder = await import(`${address}es/full/index.js`);
  decoder.prepareZXingModule({ overrides: { locateFile: (file, before) => (file.endsWith(".wasm") ? `${address}full/${file}` : before + file) } });
  return decoder;
}

// Hands over every code the camera sees, until it is stopped; the same one not again within three seconds.
export class Camera {
  constructor(video, read, hand) {
    Object.assign(this, { video, read, hand, seen: new Map() });
  }

  async start() {
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    this.video.srcObject = this.stream;
    await this.video.play();
    this.look();
  }

  async look() {
    if (!this.stream) return;
    for (const text of await this.read(this.video)) {
      const before = this.seen.get(text) ?? -Infinity, now = performance.now();
      this.seen.set(text, now);
      if (now - before > AGAIN_AFTER) await this.hand(text);
    }
    this.video.requestVideoFrameCallback ? this.video.requestVideoFrameCallback(() => this.look()) : setTimeout(() => this.look(), 120);
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = this.video.srcObject = null;
  }
}
