// The work at the desk: a shift at one point, tube after tube, person after person, and the boxes they leave in.
// Every step is kept before it is shown. What may not be is thrown as a Refusal, which the screen says at once.

import { CodeFault, readCode, readKeys, toBase64url, toHex } from "./codes.js";
import { isResidentId, isTube, looksLikeResidentId, looksLikeTube, masked, serialOf, spelled } from "./numbers.js";

// The claims of a resident code. Source: RFC 8392 (exp), dayclear/sampling/commands/codes.py (token).
const EXPIRES = 4, TOKEN = -70001;
const LONGEST_ITEM = 120;
// Nothing else that is scanned or typed here is as long.
const RESIDENT_CODE = /^[0-9A-Z $%*+\-./:]{120,}$/;

export class Refusal extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

export class Desk {
  constructor(outbox, device) {
    this.outbox = outbox;
    this.device = device;
  }

  async load() {
    this.shift = (await this.outbox.setting("shift")) ?? null;
    await this.learn((await this.outbox.setting("bundle")) ?? null);
    this.tube = await this.outbox.openTube();
    this.box = (await this.outbox.all("boxes")).find((box) => !box.closed_at) ?? null;
  }

  async learn(bundle) {
    this.bundle = bundle;
    this.keys = bundle ? await readKeys(bundle.resident_keys) : [];
    this.revoked = new Set(bundle?.revoked);
    this.excluded = new Set(bundle?.excluded);
  }

  async refresh() {
    const bundle = await this.device.bundle();
    await this.outbox.keep("bundle", bundle);
    await this.outbox.forgetRounds([...bundle.rounds.map((round) => round.id), this.shift?.round]);
    await this.learn(bundle);
  }

  round() {
    return this.bundle?.rounds.find((round) => round.id === this.shift?.round) ?? null;
  }

  point() {
    return this.bundle?.points.find((point) => point.id === this.shift?.point) ?? null;
  }

  // People who still fit into the open tube; swabs of goods and surroundings are not counted.
  room() {
    return this.tube.kind === "persons" ? this.shift.people_per_tube - this.tube.people : Infinity;
  }

  // How much is in the open tube.
  content() {
    return this.tube.kind === "persons" ? this.tube.swabs : this.tube.items;
  }

  // The points where a round is served; a round that names none is served everywhere.
  pointsOf(roundId) {
    const named = this.bundle.rounds.find((round) => round.id === roundId)?.points ?? [];
    return this.bundle.points.filter((point) => !named.length || named.includes(point.id));
  }

  async startShift(roundId, pointId) {
    const round = this.bundle.rounds.find((each) => each.id === roundId);
    const point = this.pointsOf(roundId).find((each) => each.id === pointId);
    if (!round || !point) throw new Refusal("choose_both");
    this.shift = { round: round.id, point: point.id, people_per_tube: round.people_per_tube, started_at: at() };
    await this.outbox.keep("shift", this.shift);
  }

  async endShift() {
    if (this.tube || this.box) throw new Refusal("still_open");
    if (!(await this.outbox.standing()).safe) throw new Refusal("not_safe");
    this.shift = null;
    await this.outbox.keep("shift", null);
  }

  // Whatever was scanned or typed. `as`: code, identity or slip, for what does not say by itself what it is. `kind`: what
  // a tube that is opened now is for.
  async enter(text, as = "code", kind = "persons") {
    const number = spelled(text);
    if (!this.tube) return this.openTube(number, kind);
    if (looksLikeTube(number)) return this.scannedTube(number);
    return this.tube.kind === "persons" ? this.addPerson(text, as) : this.addItem(text);
  }

  async openTube(number, kind) {
    this.checkTube(number);
    if (await this.outbox.one("tubes", number)) throw new Refusal("tube_used", { tube: number });
    const { round, point } = this.shift;
    const tube = { number, round, point, kind, opened_at: at(), closed_at: null, swabs: [], items: [], people: 0, batch: 0, acknowledged_at: null, refused: null };
    await this.outbox.add("tubes", tube);
    this.tube = tube;
    return kind === "persons" ? "tube_opened" : "tube_opened_items";
  }

  checkTube(number) {
    if (!looksLikeTube(number)) throw new Refusal("not_a_tube");
    if (!isTube(number)) throw new Refusal("tube_check", { tube: number });
    const serial = serialOf(number);
    const ours = this.bundle.blocks.some(({ first, last }) => first <= serial && serial <= last);
    if (!ours) throw new Refusal("tube_not_ours", { tube: number });
  }

  // The open tube scanned again closes it once it is full; another one has to wait.
  scannedTube(number) {
    if (number !== this.tube.number) throw new Refusal("close_first", { tube: this.tube.number });
    if (this.room() > 0) throw new Refusal("tube_is_open", { tube: number });
    return this.closeTube();
  }

  async addPerson(text, as) {
    if (this.room() <= 0) throw new Refusal("tube_full", { most: this.shift.people_per_tube });
    const { who, key, shown } = await this.recognise(text, as);
    const mark = await this.device.markOf(`${this.shift.round} ${key}`);
    const before = await this.outbox.one("seen", mark);
    if (before) throw new Refusal(before.tube === this.tube.number ? "twice_in_tube" : "twice_in_round", { tube: before.tube });
    this.tube = await this.outbox.addSwab(this.tube.number, { at: at(), mark, round: this.shift.round, who, shown });
    return this.room() > 0 ? "person_added" : "tube_now_full";
  }

  // Something that was wiped, in the sampler's words.
  async addItem(text) {
    const what = text.trim().slice(0, LONGEST_ITEM);
    this.tube = await this.outbox.addItem(this.tube.number, { at: at(), what });
    return "item_added";
  }

  // Who it is: what is sent, what tells two people apart, and what may be shown.
  async recognise(text, as) {
    if (RESIDENT_CODE.test(text)) return this.byCode(text);
    const number = spelled(text);
    if (as === "slip") return bySlip(number);
    if (looksLikeResidentId(number)) return byIdentity(number, "CN-ID");
    if (as === "identity") return byIdentity(number, "OTHER");
    throw new Refusal("not_understood");
  }

  async byCode(text) {
    let claims;
    try {
      claims = await readCode(text, this.keys);
    } catch (fault) {
      if (fault instanceof CodeFault) throw new Refusal(`code_${fault.kind}`);
      throw fault;
    }
    if (claims.get(EXPIRES) * 1000 < this.device.instant()) throw new Refusal("code_expired");
    const token = claims.get(TOKEN);
    const digest = await digestOf(token);
    if (this.revoked.has(digest)) throw new Refusal("code_revoked");
    if (this.excluded.has(digest)) throw new Refusal("excluded");
    const coded = toBase64url(token);
    return { who: { token: coded }, key: `token ${coded}`, shown: ["code", masked(coded)] };
  }

  async undo() {
    if (!this.tube) throw new Refusal("nothing_to_undo");
    if (this.tube.items.length) {
      this.tube = await this.outbox.removeLastItem(this.tube.number);
      return "item_removed";
    }
    if (this.tube.people) {
      this.tube = await this.outbox.removeLastSwab(this.tube.number);
      return "person_removed";
    }
    await this.outbox.change("tubes", this.tube.number, () => null);
    this.tube = null;
    return "tube_put_back";
  }

  async closeTube() {
    if (!this.tube || !this.content().length) throw new Refusal("tube_empty");
    await this.outbox.change("tubes", this.tube.number, (tube) => ({ ...tube, closed_at: at() }));
    this.tube = null;
    return "tube_closed";
  }

  async openBox() {
    const box = { id: crypto.randomUUID(), tubes: [], counted: null, opened_at: at(), closed_at: null, batch: 0, acknowledged_at: null, refused: null };
    await this.outbox.add("boxes", box);
    this.box = box;
    return "box_opened";
  }

  // Tubes of a neighbour's device may lie in the same box.
  async putInBox(text) {
    const number = spelled(text);
    if (!looksLikeTube(number)) throw new Refusal("not_a_tube");
    if (!isTube(number)) throw new Refusal("tube_check", { tube: number });
    if (number === this.tube?.number) throw new Refusal("tube_still_open", { tube: number });
    const boxes = await this.outbox.all("boxes");
    if (boxes.some((box) => box.tubes.includes(number))) throw new Refusal("already_boxed", { tube: number });
    this.box = await this.outbox.change("boxes", this.box.id, (box) => ({ ...box, tubes: [...box.tubes, number] }));
    return "tube_boxed";
  }

  async takeOutOfBox() {
    if (!this.box?.tubes.length) throw new Refusal("nothing_to_undo");
    this.box = await this.outbox.change("boxes", this.box.id, (box) => ({ ...box, tubes: box.tubes.slice(0, -1) }));
    return "tube_taken_out";
  }

  // `counted` by hand; a difference is kept with the box, not argued away.
  async closeBox(counted) {
    if (!this.box?.tubes.length) throw new Refusal("box_empty");
    if (!Number.isInteger(counted) || counted < 0) throw new Refusal("count_needed");
    await this.outbox.change("boxes", this.box.id, (box) => ({ ...box, counted, closed_at: at() }));
    this.box = null;
    return "box_closed";
  }
}

const at = () => new Date().toISOString();

// How the server's lists name a token without giving it: the first 8 bytes of its SHA-256, in hex.
async function digestOf(token) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", token)).slice(0, 8));
}

function byIdentity(number, kind) {
  if (kind === "CN-ID" && !isResidentId(number)) throw new Refusal("id_check");
  if (!/^[A-Z0-9/]{5,32}$/.test(number)) throw new Refusal("id_form");
  return { who: { identity: { kind, number } }, key: `identity ${number}`, shown: ["identity", masked(number)] };
}

function bySlip(number) {
  if (!/^[A-Z0-9]{4,20}$/.test(number)) throw new Refusal("slip_form");
  return { who: { slip: number }, key: `slip ${number}`, shown: ["slip", number] };
}
