// Sends what is closed, batch after batch, each unchanged until the server has acknowledged it.

import { Answer, Unreached } from "./device.js";

const MOST_TUBES = 20;
const SOONEST = 2_000, LATEST = 60_000;

export class Uploader {
  constructor(outbox, device, changed = () => {}) {
    this.outbox = outbox;
    this.device = device;
    this.changed = changed;
    this.wait = SOONEST;
    this.running = null;
    // reached: whether the last try reached the server; null before the first.
    this.reached = null;
  }

  start() {
    addEventListener("online", () => this.nudge());
    addEventListener("offline", () => this.changed());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.nudge());
    this.nudge();
  }

  // Try now, whatever the waiting was. Many nudges are one run, and one more after it.
  nudge() {
    clearTimeout(this.timer);
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.run().finally(() => {
      this.running = null;
      if (this.again) {
        this.again = false;
        this.nudge();
      }
    });
    return this.running;
  }

  async run() {
    if (!this.device.id || !navigator.onLine) return;
    try {
      for (const batch of await this.outbox.unacknowledged()) await this.send(batch);
      for (let batch = await this.freeze(); batch; batch = await this.freeze()) await this.send(batch);
      this.wait = SOONEST;
    } catch (fault) {
      // Nothing was reached, or the server is in trouble: later, and less often.
      if (!isLater(fault)) throw fault;
      this.reached = false;
      this.timer = setTimeout(() => this.nudge(), this.wait);
      this.wait = Math.min(this.wait * 2, LATEST);
    }
    await this.changed();
  }

  // What is closed and in no batch yet becomes the next one; null when there is nothing.
  freeze() {
    return navigator.locks.request("dayclear-desk-batch", () => this.freezeNext());
  }

  async freezeNext() {
    const { tubes, boxes } = await this.outbox.ready(MOST_TUBES);
    if (!tubes.length && !boxes.length) return null;
    const counter = ((await this.outbox.setting("counter")) ?? 0) + 1;
    const frozen_at = new Date().toISOString();
    const body = JSON.stringify({
      device: this.device.id,
      counter,
      sent_at: frozen_at,
      tubes: tubes.map(({ number, round, point, kind, opened_at, closed_at, swabs, items }) => ({
        number, round, point, kind, opened_at, closed_at, swabs: swabs.map(({ who }) => who), items: items.map(({ what }) => ({ what })),
      })),
      boxes: boxes.map(({ id, tubes, counted, closed_at }) => ({ id, tubes, counted, closed_at })),
    });
    const signature = await this.device.sign(body);
    const numbers = tubes.map((tube) => tube.number), ids = boxes.map((box) => box.id);
    return this.outbox.keepBatch({ counter, body, signature, tubes: numbers, boxes: ids, frozen_at });
  }

  // A batch that the server says no to stays, with the reason, and is offered again with the next run.
  async send(batch) {
    try {
      const answer = await this.device.upload(batch);
      await this.outbox.acknowledge(batch.counter, answer.refused, new Date().toISOString());
    } catch (fault) {
      if (isLater(fault) || !(fault instanceof Answer)) throw fault;
      const problem = { code: fault.code, message: fault.message };
      await this.outbox.change("batches", batch.counter, (row) => ({ ...row, problem }));
    }
    this.reached = true;
    await this.changed();
  }

  // Everything closed, frozen, for an export.
  async freezeAll() {
    while (await this.freeze());
    return this.outbox.unacknowledged();
  }
}

// Whether it helps to try again later as it is: nothing reached, the server in trouble or asking for patience.
const isLater = (fault) => fault instanceof Unreached || (fault instanceof Answer && (fault.status >= 500 || fault.status === 429));
