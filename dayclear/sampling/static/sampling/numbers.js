// Numbers that people print, scan and type: tubes, identity documents, paper slips. Spelling and check characters only.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS = "10X98765432";

// One spelling: no spaces, no dashes, capitals, ASCII where a Chinese keyboard wrote full-width.
export const spelled = (text) => text.normalize("NFKC").replace(/[\s\-–·]/g, "").toUpperCase();

// ISO 7064 MOD 37,36.
export function checkCharacter(text) {
  let product = 36;
  for (const character of text) {
    const sum = (product + ALPHABET.indexOf(character)) % 36 || 36;
    product = (sum * 2) % 37;
  }
  return ALPHABET[(37 - product) % 36];
}

export const looksLikeTube = (text) => /^DC\d{10}[0-9A-Z]$/.test(text);
export const isTube = (text) => looksLikeTube(text) && checkCharacter(text.slice(0, -1)) === text.at(-1);
// The serial of a tube, as number blocks count it.
export const serialOf = (tube) => Number(tube.slice(2, 12));

export const looksLikeResidentId = (text) => /^\d{17}[\dX]$/.test(text);
// GB 11643-1999 (ISO 7064 MOD 11-2).
export function isResidentId(text) {
  if (!looksLikeResidentId(text)) return false;
  const total = ID_WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(text[at]), 0);
  return ID_CHECKS[total % 11] === text[17];
}

// As the server masks: the last four characters at most.
export const masked = (text) => "•".repeat(Math.max(Math.min(text.length - 4, 6), 3)) + (text.length > 6 ? text.slice(-4) : "");
