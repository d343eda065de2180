// The label of a tube read by the camera into the field beside its button: <button data-reads="id of the field">.
// Whoever holds the tube still presses the main action. Without a camera the button stays away; typing and scanners do.

import { isTube, spelled } from "../numbers.js";
import { Camera, findReader } from "../scanner.js";

const offer = () => {
  for (const button of document.querySelectorAll("[data-reads]")) button.hidden = !navigator.mediaDevices;
};

async function read(button) {
  const dialog = document.getElementById("viewfinder"), said = dialog.querySelector("p");
  const reader = await findReader(button.dataset.decoder || null);
  said.textContent = reader ? "" : said.dataset.none;
  dialog.showModal();
  if (!reader) return;
  const camera = new Camera(dialog.querySelector("video"), reader, (text) => {
    const label = spelled(text);
    if (!isTube(label)) {
      said.textContent = said.dataset.other;
      return;
    }
    document.getElementById(button.dataset.reads).value = label;
    dialog.close();
  });
  dialog.addEventListener("close", () => camera.stop(), { once: true });
  try {
    await camera.start();
  } catch {
    said.textContent = said.dataset.shut;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reads]");
  if (button) read(button);
});
document.addEventListener("htmx:load", offer);
offer();
