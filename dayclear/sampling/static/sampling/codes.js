// The resident code: a CBOR Web Token (COSE_Sign1, ES256) in Base45, verified here without a server.

const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const COSE_SIGN1 = 18;
const ALGORITHM = 1, KEY_ID = 4, ES256 = -7;

export class CodeFault extends Error {
  // kind: unreadable, unknown_key, forged, expired, revoked
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

export function fromBase45(text) {
  const values = [...text].map((character) => BASE45.indexOf(character));
  if (values.includes(-1) || values.length % 3 === 1) throw new CodeFault("unreadable");
  const bytes = [];
  for (let at = 0; at < values.length; at += 3) {
    const [low, middle, high] = values.slice(at, at + 3);
    const number = low + 45 * middle + (high === undefined ? 0 : 2025 * high);
    if (number > (high === undefined ? 0xff : 0xffff)) throw new CodeFault("unreadable");
    if (high !== undefined) bytes.push(number >> 8);
    bytes.push(number & 0xff);
  }
  return new Uint8Array(bytes);
}

export function toBase45(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    const number = pair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    text += BASE45[number % 45] + BASE45[Math.floor(number / 45) % 45] + (pair ? BASE45[Math.floor(number / 2025)] : "");
  }
  return text;
}

export function toBase64url(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export const toHex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

// What a CBOR Web Token needs of CBOR: integers, byte and text strings, arrays, maps, tags, simple values. Maps become Map.
export function fromCbor(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (count) => {
    if (at + count > bytes.length) throw new CodeFault("unreadable");
    at += count;
    return at - count;
  };
  const length = (info) => {
    if (info < 24) return info;
    if (info === 24) return view.getUint8(take(1));
    if (info === 25) return view.getUint16(take(2));
    if (info === 26) return view.getUint32(take(4));
    if (info === 27) return Number(view.getBigUint64(take(8)));
    throw new CodeFault("unreadable");
  };
  const item = () => {
    const first = view.getUint8(take(1));
    const major = first >> 5, info = first & 31;
    if (major === 7) return simple(info);
    const count = length(info);
    if (major === 0) return count;
    if (major === 1) return -1 - count;
    if (major === 2) return bytes.slice(take(count), at);
    if (major === 3) return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(take(count), at));
    // A count from outside is never trusted to reserve memory: each element has to be there.
    if (major === 4) return Array.from({ length: Math.min(count, bytes.length) }, item);
    if (major === 5) return new Map(Array.from({ length: Math.min(count, bytes.length) }, () => [item(), item()]));
    return new Tagged(count, item());
  };
  const simple = (info) => {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22 || info === 23) return null;
    if (info === 26) return view.getFloat32(take(4));
    if (info === 27) return view.getFloat64(take(8));
    throw new CodeFault("unreadable");
  };
  const value = item();
  if (at !== bytes.length) throw new CodeFault("unreadable");
  return value;
}

const head = (major, count) =>
  count < 24 ? [(major << 5) | count] : count < 256 ? [(major << 5) | 24, count] : [(major << 5) | 25, count >> 8, count & 255];
const byteString = (bytes) => [...head(2, bytes.length), ...bytes];

// What was signed: ["Signature1", protected header, no further data, payload]. Source: RFC 9052, 4.4.
function signedBytes(header, payload) {
  const context = new TextEncoder().encode("Signature1");
  return new Uint8Array([...head(4, 4), ...head(3, context.length), ...context, ...byteString(header), ...byteString([]), ...byteString(payload)]);
}

// The keys of the bundle, ready to verify: [{ id, key }].
export function readKeys(jwks) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  return Promise.all(
    jwks.map(async ({ kty, crv, x, y, kid = "" }) => ({
      id: kid,
      key: await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]),
    })),
  );
}

function opened(text) {
  try {
    const whole = fromCbor(fromBase45(text));
    const [header, open, payload, signature] = whole instanceof Tagged && whole.tag === COSE_SIGN1 ? whole.value : whole;
    const named = fromCbor(header);
    if (named instanceof Map && open instanceof Map) return { header, open, payload, signature, named };
  } catch {
    // Whatever is wrong with the bytes, it is one thing to the sampler.
  }
  throw new CodeFault("unreadable");
}

// The claims of a resident code, by their numbers. Raises CodeFault.
export async function readCode(text, keys) {
  const { header, open, payload, signature, named } = opened(text);
  if (named.get(ALGORITHM) !== ES256) throw new CodeFault("unreadable");
  const id = toHex(named.get(KEY_ID) ?? open.get(KEY_ID) ?? []);
  const known = keys.filter((each) => !id || !each.id || each.id === id);
  if (!known.length) throw new CodeFault("unknown_key");
  const signed = signedBytes(header, payload);
  for (const { key } of known) {
    if (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed)) return fromCbor(payload);
  }
  throw new CodeFault("forged");
}
