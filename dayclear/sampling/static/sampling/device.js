// This device before the server: its key, which nobody can take out of it, its signature, and how far its clock is off.

import { toBase64url } from "./codes.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const PATIENCE = 30_000;

// An answer that says no. `code` of the first reason, its sentence, and the HTTP status.
export class Answer extends Error {
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

// Nothing was reached, or something answered in the server's place: a gateway, the sign-in page of a network.
export class Unreached extends Error {}

export class Device {
  constructor(outbox, language = () => "en") {
    this.outbox = outbox;
    this.language = language;
  }

  async load() {
    this.known = (await this.outbox.setting("device")) ?? null;
    // Milliseconds the server is ahead of this device; null until they have met.
    this.offset = (await this.outbox.setting("offset")) ?? null;
  }

  get id() {
    return this.known?.id ?? null;
  }

  // The instant by the server's clock, as well as this device knows it.
  instant() {
    return Date.now() + (this.offset ?? 0);
  }

  async enrol(code, name) {
    const keys = await this.keysFor(code);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
    const mark = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const answer = await this.ask("POST", "/api/v1/sampling/devices", JSON.stringify({ code, name, public_key: { kty, crv, x, y } }), {});
    this.known = { id: answer.device, name, key: keys.privateKey, mark };
    await this.outbox.keep("device", this.known);
    await this.outbox.keep("bundle", answer.bundle);
    await this.outbox.keep("enrolling", null);
    return answer.bundle;
  }

  // Kept until the server has answered: where the answer is lost, the same code and key are asked again.
  async keysFor(code) {
    const begun = await this.outbox.setting("enrolling");
    if (begun?.code === code) return begun.keys;
    const keys = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    await this.outbox.keep("enrolling", { code, keys });
    return keys;
  }

  async sign(text) {
    return toBase64url(await crypto.subtle.sign(SIGNATURE, this.known.key, new TextEncoder().encode(text)));
  }

  // What stands for somebody on this device without saying who: keyed, so that it cannot be tried out elsewhere.
  async markOf(text) {
    return toBase64url(await crypto.subtle.sign("HMAC", this.known.mark, new TextEncoder().encode(text)));
  }

  async bundle() {
    const path = `/api/v1/sampling/devices/${this.id}/bundle`;
    try {
      return await this.signedGet(path);
    } catch (fault) {
      // A clock far off is answered with the right time: once more, by that.
      if (fault instanceof Answer && fault.code === "clock_off") return this.signedGet(path);
      throw fault;
    }
  }

  async signedGet(path) {
    const date = new Date(this.instant()).toISOString();
    return this.ask("GET", path, undefined, {
      "Dayclear-Device": String(this.id),
      "Dayclear-Date": date,
      "Dayclear-Signature": await this.sign(`GET ${path} ${date}`),
    });
  }

  upload(batch) {
    return this.ask("POST", "/api/v1/sampling/uploads", batch.body, {
      "Dayclear-Device": String(this.id),
      "Dayclear-Date": new Date().toISOString(),
      "Dayclear-Signature": batch.signature,
    });
  }

  // Raises Answer or Unreached.
  async ask(method, path, body, headers) {
    const sent = Date.now();
    const { ok, status, answer } = await reached(path, {
      method,
      body,
      headers: { ...headers, "Accept-Language": this.language(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    await this.learnTime(answer.server_time ?? answer.bundle?.server_time, sent);
    const reason = answer.reasons?.[0] ?? answer;
    if (!ok) throw new Answer(status, reason.code ?? "", reason.text ?? "");
    return answer;
  }

  async learnTime(serverTime, sent) {
    if (!serverTime) return;
    this.offset = Math.round(Date.parse(serverTime) - (sent + Date.now()) / 2);
    await this.outbox.keep("offset", this.offset);
  }
}

async function reached(path, request) {
  try {
    const response = await fetch(path, request);
    return { ok: response.ok, status: response.status, answer: await response.json() };
  } catch (fault) {
    throw new Unreached(fault.message);
  }
}
