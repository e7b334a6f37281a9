import assert from "node:assert/strict";
import test from "node:test";

import { Queue } from "../../src/page/queue.js";
import { Away, Refused } from "../../src/page/server.js";
import { Store } from "./store.mjs";

const answer = (id, annotator = "a") => ({ annotator, id, action: "accept", spans: [], sentence: { id } });

/** A queue on a server that is up or away. */
function setUp(storage = new Store(), tab = "t") {
  const seen = { sent: [], confirmed: [], waiting: 0, refused: [], unkept: 0, up: true, refuse: [] };
  const send = async (body) => {
    if (!seen.up) throw new Away("away");
    if (seen.refuse.includes(body.id)) throw new Refused("no");
    seen.sent.push(body.id);
    return { n: seen.sent.length };
  };
  const queue = new Queue(storage, "project", send, {
    confirmed: (entry) => seen.confirmed.push(entry.id),
    waiting: () => (seen.waiting += 1),
    refused: (entry) => seen.refused.push(entry.id),
    unkept: () => (seen.unkept += 1),
  }, tab);
  return { queue, seen, storage };
}

/** Stops the timers, so that the test ends. */
async function settle(queue) {
  await queue.flush();
  clearTimeout(queue.timer);
}

test("answers are sent in order and then forgotten", async () => {
  const { queue, seen, storage } = setUp();
  [3, 1, 2].forEach((id) => queue.add(answer(id)));
  assert.equal(storage.length, 3, "kept before anything is sent");
  await settle(queue);
  assert.deepEqual(seen.sent, [3, 1, 2]);
  assert.deepEqual(seen.confirmed, [3, 1, 2]);
  assert.equal(storage.length, 0);
});

test("answers outlive the page while the server is away", async () => {
  const first = setUp();
  first.seen.up = false;
  for (let id = 0; id < 12; id++) first.queue.add(answer(id));
  await settle(first.queue);
  assert.equal(first.storage.length, 12);
  assert.ok(first.seen.waiting > 0);

  const second = setUp(first.storage, "u");
  second.queue.add(answer(12));
  await settle(second.queue);
  assert.deepEqual(second.seen.sent, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("an answer that is added while another is sent is sent too", async () => {
  const { queue, seen } = setUp();
  queue.add(answer(1));
  const run = queue.sending;
  queue.add(answer(2));
  await run;
  assert.deepEqual(seen.sent, [1, 2]);
});

test("an answer that is added while a finished run still has the lock is sent too", async (t) => {
  let release;
  const request = (_, run) => run().then(() => new Promise((resolve) => (release = resolve)));
  Object.defineProperty(globalThis, "navigator", { value: { locks: { request } }, configurable: true });
  t.after(() => delete globalThis.navigator);
  const { queue, seen } = setUp();
  const nextTask = () => new Promise((resolve) => setTimeout(resolve));
  queue.add(answer(1));
  await nextTask();
  queue.add(answer(2));
  release();
  await nextTask();
  release();
  assert.deepEqual(seen.sent, [1, 2]);
});

test("waits grow to a limit, and end with success", async () => {
  const { queue, seen } = setUp();
  seen.up = false;
  queue.add(answer(1));
  const waits = [];
  for (let round = 0; round < 7; round++) {
    await settle(queue);
    waits.push(queue.wait);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  seen.up = true;
  await settle(queue);
  assert.equal(queue.wait, 0);
});

test("a refused answer is reported and does not hold up the others", async () => {
  const { queue, seen } = setUp();
  seen.refuse = [1];
  [1, 2].forEach((id) => queue.add(answer(id)));
  await settle(queue);
  assert.deepEqual(seen.refused, [1]);
  assert.deepEqual(seen.sent, [2]);
});

test("an answer that was never tried is taken back for good", async () => {
  const { queue, seen, storage } = setUp();
  seen.up = false;
  queue.add(answer(1));
  await settle(queue);
  queue.add(answer(2));
  assert.equal(queue.takeBack("a").id, 2);
  await settle(queue);
  assert.equal(storage.length, 1);
});

test("an answer that may have arrived is taken back once, and sent all the same", async () => {
  const { queue, seen } = setUp();
  seen.up = false;
  queue.add(answer(1));
  await settle(queue);
  assert.equal(queue.takeBack("a").id, 1);
  assert.equal(queue.takeBack("a"), null);
  seen.up = true;
  await settle(queue);
  assert.deepEqual(seen.sent, [1]);
});

test("another annotator's answer is not taken back", async () => {
  const { queue, seen } = setUp();
  seen.up = false;
  queue.add(answer(1, "a"));
  queue.add(answer(2, "b"));
  await settle(queue);
  assert.equal(queue.takeBack("a").id, 1);
});

test("a full storage keeps answers in memory, and says so", async () => {
  const { queue, seen } = setUp(new Store(1));
  seen.up = false;
  [1, 2].forEach((id) => queue.add(answer(id)));
  await settle(queue);
  assert.equal(seen.unkept, 1);
  seen.up = true;
  await settle(queue);
  assert.deepEqual(seen.sent, [1, 2]);
});

test("projects on the same address do not share answers", async () => {
  const storage = new Store();
  storage.setItem("gleaner-annotate/other/answer/000000000-x", JSON.stringify(answer(9)));
  const { queue, seen } = setUp(storage);
  queue.add(answer(1));
  await settle(queue);
  assert.deepEqual(seen.sent, [1]);
  assert.equal(storage.length, 1);
});
