// The way out when even uploading fails: everything unacknowledged as a file, or as a row of QR codes to scan elsewhere.
// Both hold the very batches that would have been sent, each with its signature; taken in twice, they count once.

import { toBase45, toHex } from "./codes.js";
import { loadDecoder } from "./scanner.js";

export const FORMAT = "dayclear-batches/1";
// Characters of one QR code: version 20 at level M holds 970 alphanumeric ones, and is still read off a cracked screen.
const CHUNK = 900;

export function asFile(device, batches) {
  // Nobody measures the clock of a file: what the device knows of its own goes along.
  return JSON.stringify({ format: FORMAT, device: device.id, clock_behind_ms: device.offset, batches: batches.map(({ body, signature }) => ({ body, signature })) });
}

// Gives the file to another app where the system has that, else saves it.
export async function handOver(text, name) {
  const file = new File([text], name, { type: "application/json" });
  if (navigator.canShare?.({ files: [file] })) return navigator.share({ files: [file] });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Lines "DCX:which:number:count:characters": the deflated file in Base45. `which` is the beginning of its digest.
export async function asLines(text) {
  const deflated = new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer(),
  );
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", deflated));
  const which = toHex(digest.slice(0, 4)).toUpperCase();
  const whole = toBase45(deflated);
  const count = Math.ceil(whole.length / CHUNK);
  return Array.from({ length: count }, (_, at) => `DCX:${which}:${at + 1}:${count}:${whole.slice(at * CHUNK, (at + 1) * CHUNK)}`);
}

// A picture of each line.
export async function asPictures(lines, decoder) {
  const { writeBarcode } = await loadDecoder(decoder);
  const pictures = [];
  for (const line of lines) {
    const { image, error } = await writeBarcode(line, { format: "QRCode", scale: 4, options: "ecLevel=M" });
    if (!image) throw new Error(error);
    pictures.push(image);
  }
  return pictures;
}
