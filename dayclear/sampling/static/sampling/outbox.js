// What this device knows, in IndexedDB: nothing of a shift is lost by a crash, a reload or an empty battery.
//
// tubes    number → round, point, kind, opened_at, closed_at, swabs, items, people, batch (0: not yet in one), acknowledged_at;
//          of each swab and item only its instant and a mark stand in clear, the rest is sealed in `held`
// boxes    id → tubes, counted, opened_at, closed_at, batch, acknowledged_at
// batches  counter → the exact bytes sent (sealed), their signature, what they hold, acknowledged_at, exported_at, problem
// seen     mark of a person in a round → tube; a mark is keyed, so that it tells nobody who it was
// settings everything else by name: device, bundle, shift, offset, language, counter, vault (the key of what is sealed)

import { makeVaultKey, Vault } from "./vault.js";

const STORES = { tubes: "number", boxes: "id", batches: "counter", seen: "mark", settings: null };
// Rows of acknowledged tubes stay, without people, so that a tube is never opened twice on one device.
const REMEMBERED_DAYS = 30;
const DAY = 86_400_000;

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export async function openOutbox(name = "dayclear-desk") {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const [store, keyPath] of Object.entries(STORES)) request.result.createObjectStore(store, keyPath ? { keyPath } : {});
  };
  // The browser may clear what it was not asked to keep; whether it agrees changes nothing here.
  navigator.storage?.persist?.();
  const outbox = new Outbox(await answered(request));
  await outbox.unlock();
  return outbox;
}

export class Outbox {
  constructor(database) {
    this.database = database;
  }

  // The key is made once; of two windows that make one, the first to keep it wins.
  async unlock() {
    const fresh = (await this.setting("vault")) ?? (await makeVaultKey());
    await this.write(["settings"], async (of) => {
      const kept = await answered(of("settings").get("vault"));
      if (!kept) await answered(of("settings").put(fresh, "vault"));
      this.vault = new Vault(kept ?? fresh);
    });
  }

  // One transaction, on the disk when this returns.
  async write(stores, work) {
    const transaction = this.database.transaction(stores, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
    try {
      const value = await work((store) => transaction.objectStore(store));
      await done;
      return value;
    } catch (fault) {
      done.catch(() => {});
      try {
        transaction.abort();
      } catch (over) {
        if (over.name !== "InvalidStateError") throw over;
      }
      throw fault;
    }
  }

  all(store) {
    return answered(this.database.transaction(store).objectStore(store).getAll());
  }

  one(store, key) {
    return answered(this.database.transaction(store).objectStore(store).get(key));
  }

  setting(name) {
    return this.one("settings", name);
  }

  keep(name, value) {
    return this.write(["settings"], (of) => answered(of("settings").put(value, name)));
  }

  // Changes one row; `change` returns the row to keep, or null to drop it.
  change(store, key, change) {
    return this.write([store], async (of) => {
      const row = change(await answered(of(store).get(key)));
      await answered(row ? of(store).put(row) : of(store).delete(key));
      return row;
    });
  }

  add(store, row) {
    return this.write([store], (of) => answered(of(store).add(row)));
  }

  // A tube with its swabs and items as they were before they were sealed.
  async opened(tube) {
    const open = async ({ held, ...clear }) => ({ ...clear, ...(await this.vault.open(held)) });
    return { ...tube, swabs: await Promise.all(tube.swabs.map(open)), items: await Promise.all(tube.items.map(open)) };
  }

  // The tube in hand; null when none is open.
  async openTube() {
    const tube = (await this.all("tubes")).find((each) => !each.closed_at);
    return tube ? this.opened(tube) : null;
  }

  // `said`: who was swabbed and what may be shown of them. What is sealed is sealed before the transaction, which would
  // not wait for it.
  async addSwab(number, { at, mark, round, ...said }) {
    const held = await this.vault.seal(said);
    const kept = await this.write(["tubes", "seen"], async (of) => {
      const tube = await answered(of("tubes").get(number));
      tube.swabs.push({ at, mark, held });
      tube.people = tube.swabs.length;
      await answered(of("seen").add({ mark, round, tube: number }));
      await answered(of("tubes").put(tube));
      return tube;
    });
    return this.opened(kept);
  }

  async removeLastSwab(number) {
    const kept = await this.write(["tubes", "seen"], async (of) => {
      const tube = await answered(of("tubes").get(number));
      const { mark } = tube.swabs.pop();
      tube.people = tube.swabs.length;
      await answered(of("seen").delete(mark));
      await answered(of("tubes").put(tube));
      return tube;
    });
    return this.opened(kept);
  }

  async addItem(number, { at, ...said }) {
    const held = await this.vault.seal(said);
    return this.opened(await this.change("tubes", number, (tube) => ({ ...tube, items: [...tube.items, { at, held }] })));
  }

  async removeLastItem(number) {
    return this.opened(await this.change("tubes", number, (tube) => ({ ...tube, items: tube.items.slice(0, -1) })));
  }

  // The next things to send, in the order they were closed: tubes, and boxes all of whose tubes are sent before or with them.
  async ready(most) {
    const [tubes, boxes] = await Promise.all([this.all("tubes"), this.all("boxes")]);
    const waiting = (row) => row.closed_at && !row.batch;
    const byTime = (a, b) => (a.closed_at < b.closed_at ? -1 : 1);
    const chosen = tubes.filter(waiting).sort(byTime).slice(0, most);
    const opened = Promise.all(chosen.map((tube) => this.opened(tube)));
    const later = new Set(tubes.filter((tube) => !tube.batch && !chosen.includes(tube)).map((tube) => tube.number));
    return { tubes: await opened, boxes: boxes.filter((box) => waiting(box) && !box.tubes.some((number) => later.has(number))) };
  }

  // Freezes a batch: from here on exactly these bytes are sent, until they are acknowledged.
  async keepBatch({ counter, body, signature, tubes, boxes, frozen_at }) {
    const sealed = await this.vault.seal(body);
    return this.write(["tubes", "boxes", "batches", "settings"], async (of) => {
      const last = (await answered(of("settings").get("counter"))) ?? 0;
      if (counter !== last + 1) throw new Error(`batch ${counter} after ${last}`);
      for (const [store, keys] of [["tubes", tubes], ["boxes", boxes]]) {
        for (const key of keys) {
          const row = await answered(of(store).get(key));
          if (row.batch) throw new Error(`${key} is in batch ${row.batch}`);
          await answered(of(store).put({ ...row, batch: counter }));
        }
      }
      const batch = { counter, body, signature, tubes, boxes, frozen_at, acknowledged_at: null, exported_at: null, problem: null };
      await answered(of("batches").put({ ...batch, body: sealed }));
      await answered(of("settings").put(counter, "counter"));
      return batch;
    });
  }

  async unacknowledged() {
    const waiting = (await this.all("batches")).filter((batch) => !batch.acknowledged_at);
    return Promise.all(waiting.map(async (batch) => ({ ...batch, body: await this.vault.open(batch.body) })));
  }

  // `refused`: what the server took in as disputed, each with its reason.
  acknowledge(counter, refused, at) {
    return this.write(["tubes", "boxes", "batches"], async (of) => {
      const batch = await answered(of("batches").get(counter));
      const why = new Map(refused.map((each) => [each.tube ?? each.box, { code: each.code, message: each.message }]));
      for (const [store, keys] of [["tubes", batch.tubes], ["boxes", batch.boxes]]) {
        for (const key of keys) {
          const row = await answered(of(store).get(key));
          await answered(of(store).put({ ...row, acknowledged_at: at, refused: why.get(key) ?? null }));
        }
      }
      await answered(of("batches").put({ ...batch, acknowledged_at: at, problem: null }));
    });
  }

  markExported(counters, at) {
    return this.write(["batches"], async (of) => {
      for (const counter of counters) {
        const batch = await answered(of("batches").get(counter));
        await answered(of("batches").put({ ...batch, exported_at: at }));
      }
    });
  }

  // Forgets the people of what was acknowledged before an instant, and in time the numbers as well.
  wipe(before, now) {
    const forgotten = new Date(now - REMEMBERED_DAYS * DAY).toISOString();
    return this.write(["tubes", "boxes", "batches"], async (of) => {
      const due = (row) => row.acknowledged_at && row.acknowledged_at < before;
      for (const store of ["tubes", "boxes", "batches"]) {
        for (const row of (await answered(of(store).getAll())).filter(due)) {
          const key = row[STORES[store]];
          if (store === "batches" || row.acknowledged_at < forgotten) await answered(of(store).delete(key));
          else if (row.swabs?.length) await answered(of(store).put({ ...row, swabs: [] }));
        }
      }
    });
  }

  // The marks of people last as long as their round is open, over any number of shifts.
  forgetRounds(open) {
    return this.write(["seen"], async (of) => {
      for (const { mark, round } of await answered(of("seen").getAll())) {
        if (!open.includes(round)) await answered(of("seen").delete(mark));
      }
    });
  }

  // What is not yet with the server: numbers of tubes and boxes, and since when the oldest waits.
  async standing() {
    const [tubes, boxes, batches] = await Promise.all([this.all("tubes"), this.all("boxes"), this.all("batches")]);
    const exported = new Set(batches.filter((batch) => batch.exported_at).map((batch) => batch.counter));
    const waiting = (row) => row.closed_at && !row.acknowledged_at;
    const up = tubes.filter(waiting), boxed = boxes.filter(waiting);
    const oldest = [...up, ...boxed].map((row) => row.closed_at).sort()[0] ?? null;
    return {
      tubes: up.length,
      boxes: boxed.length,
      oldest,
      safe: [...up, ...boxed].every((row) => exported.has(row.batch)),
      refused: [...tubes, ...boxes].filter((row) => row.refused),
    };
  }
}
