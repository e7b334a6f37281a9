import assert from "node:assert/strict";
import test from "node:test";

import { Away, Refused } from "../../src/page/server.js";
import { Session } from "../../src/page/session.js";
import { Store } from "./store.mjs";

/** A server in memory, with sentences of three words. */
class Fake {
  constructor(sentences) {
    this.sentences = sentences;
    this.stack = [];
    this.up = true;
    this.refuse = [];
    this.name = "p";
  }
  async project() {
    await this.reached();
    return { name: this.name, types: ["PER"] };
  }
  show(id, spans = []) {
    return { id, words: ["een", "twee", "drie"], spans, held_out: false, why: "random", notes: [] };
  }
  async reached() {
    if (!this.up) throw new Away("The server does not answer");
  }
  async next(_, take, known) {
    await this.reached();
    const ids = [...Array(this.sentences).keys()];
    const answered = this.stack.map((each) => each.id);
    return ids.filter((id) => !known.includes(id) && !answered.includes(id)).slice(0, take).map((id) => this.show(id));
  }
  async sentence(_, id) {
    await this.reached();
    return id >= this.sentences || this.stack.some((each) => each.id === id) ? null : this.show(id);
  }
  async progress() {
    await this.reached();
    return { answered: this.stack.length };
  }
  async answer(body) {
    await this.reached();
    if (this.refuse.includes(body.id)) throw new Refused("spans overlap");
    this.stack = [...this.stack.filter((each) => each.id !== body.id), body];
    return { n: this.stack.length, progress: await this.progress() };
  }
  async undo() {
    await this.reached();
    const last = this.stack.pop();
    return { sentence: last ? this.show(last.id, last.spans) : null, progress: await this.progress() };
  }
}

async function setUp(t, sentences = 30, storage = new Store(), server = new Fake(sentences)) {
  const seen = { shown: 0, said: [], failed: [], problem: null };
  const session = new Session(server, storage, { name: "p", types: ["PER"] }, "anna", {
    shown: () => (seen.shown += 1),
    edited() {},
    progressed() {},
    connected: (_, problem) => (seen.problem = problem),
    said: (line) => seen.said.push(line),
    failed: (line) => seen.failed.push(line),
    locked() {},
  });
  t.after(() => {
    clearTimeout(session.timer);
    clearTimeout(session.queue.timer);
  });
  await session.start();
  return { session, server, seen, storage };
}

const settle = async (session) => {
  await session.queue.flush();
  await session.filling;
};
const span = (start, end) => ({ start, end, type: "PER" });
const mark = (session, ...spans) => session.edit({ ...session.state, spans });

test("every sentence is shown once, and then none", async (t) => {
  const { session, server } = await setUp(t, 23);
  const shown = [];
  while (session.sentence !== null) {
    shown.push(session.sentence.id);
    session.answer("accept");
    await settle(session);
  }
  assert.deepEqual(shown, [...Array(23).keys()]);
  assert.equal(server.stack.length, 23);
  assert.ok(session.done);
});

test("work continues without the server, and arrives when it is back", async (t) => {
  const { session, server, seen, storage } = await setUp(t);
  server.up = false;
  let answered = 0;
  for (; session.sentence !== null; answered++) {
    mark(session, span(0, 2));
    session.answer("accept");
    await settle(session);
  }
  assert.ok(answered > 8, `${answered} sentences were at hand`);
  assert.equal(seen.problem, "The server does not answer");
  server.up = true;
  await session.look();
  await settle(session);
  assert.equal(server.stack.length, answered);
  assert.deepEqual(server.stack.at(-1).spans, [span(0, 2)]);
  assert.equal(session.sentence.id, answered);
  assert.equal(storage.length, 0);
});

test("a page that is opened while the server is away recovers", async (t) => {
  const server = new Fake(3);
  server.up = false;
  const { session, seen } = await setUp(t, 3, new Store(), server);
  assert.equal(session.sentence, null);
  assert.equal(seen.shown, 1, "an empty page is shown");
  server.up = true;
  await session.look();
  await settle(session);
  assert.equal(session.sentence.id, 0);
});

test("undo asks the server, and the sentence on screen comes after with its edits", async (t) => {
  const { session, server } = await setUp(t);
  mark(session, span(0, 1));
  session.answer("accept");
  await settle(session);
  mark(session, span(2, 3));
  await session.undo();
  assert.equal(session.sentence.id, 0);
  assert.deepEqual(session.state.spans, [span(0, 1)]);
  assert.equal(server.stack.length, 0);
  session.answer("skip");
  assert.equal(session.sentence.id, 1);
  assert.deepEqual(session.state.spans, [span(2, 3)]);
});

test("undo without the server shows the latest answer again", async (t) => {
  const { session, server } = await setUp(t);
  mark(session, span(0, 1));
  session.answer("accept");
  await settle(session);
  server.up = false;
  await session.undo();
  assert.equal(session.sentence.id, 0);
  mark(session, span(1, 2));
  session.answer("accept");
  assert.equal(session.sentence.id, 1);
  server.up = true;
  await session.look();
  await settle(session);
  assert.deepEqual(server.stack.map((each) => [each.id, each.spans]), [[0, [span(1, 2)]]]);
});

test("undo without an answer says so", async (t) => {
  const { session, seen } = await setUp(t);
  await session.undo();
  assert.deepEqual(seen.said, ["There is no answer to undo"]);
  assert.equal(session.sentence.id, 0);
});

test("a refused answer returns to the screen with its spans", async (t) => {
  const { session, server, seen } = await setUp(t);
  server.refuse = [0];
  mark(session, span(0, 3));
  session.answer("accept");
  await settle(session);
  assert.equal(session.sentence.id, 0);
  assert.deepEqual(session.state.spans, [span(0, 3)]);
  assert.deepEqual(seen.failed, ["The server refused this answer: spans overlap"]);
});

test("another project at the same address gets no answers, and shows no sentences", async (t) => {
  const { session, server, seen } = await setUp(t);
  server.name = "q";
  session.answer("accept");
  await settle(session);
  await session.fill();
  assert.equal(server.stack.length, 0);
  assert.equal(session.queue.length, 1);
  assert.equal(seen.problem, "The project q is at this address; open p again");
  server.name = "p";
  await session.look();
  await settle(session);
  assert.equal(server.stack.length, 1);
});

test("edits that are not answered yet outlive the page", async (t) => {
  const { session, storage, server } = await setUp(t);
  mark(session, span(1, 3));
  const again = await setUp(t, 30, storage, server);
  assert.deepEqual(again.session.state.spans, [span(1, 3)]);
  again.session.answer("accept");
  assert.deepEqual(again.session.state.spans, []);
});

test("a sentence with edits comes first, also if the server has it later by now", async (t) => {
  const { session, storage, server } = await setUp(t);
  mark(session, span(1, 3));
  const first = session.sentence.id;
  const inOrder = server.next.bind(server);
  server.next = async (...args) => (await inOrder(...args)).reverse();
  const again = await setUp(t, 10, storage, server);
  assert.equal(again.session.sentence.id, first);
  assert.deepEqual(again.session.state.spans, [span(1, 3)]);
  again.session.answer("accept");
  assert.equal(again.session.sentence.id, 11);
});

test("a sentence with edits comes first, also if the server has it much later by now", async (t) => {
  const { session, storage, server } = await setUp(t, 40);
  mark(session, span(1, 3));
  const first = session.sentence.id;
  const inOrder = server.next.bind(server);
  server.next = async (annotator, take, known) => (await inOrder(annotator, 40, known)).slice(-take);
  const again = await setUp(t, 40, storage, server);
  assert.equal(again.session.sentence.id, first);
  assert.deepEqual(again.session.state.spans, [span(1, 3)]);
  again.session.answer("accept");
  assert.equal(storage.getItem("gleaner-annotate/p/value/draft"), null);
});

test("edits of a sentence that was answered elsewhere meanwhile are forgotten", async (t) => {
  const { session, storage, server } = await setUp(t);
  mark(session, span(1, 3));
  const elsewhere = await setUp(t, 30, new Store(), server);
  mark(elsewhere.session, span(0, 1));
  elsewhere.session.answer("accept");
  await settle(elsewhere.session);
  const again = await setUp(t, 30, storage, server);
  assert.equal(again.session.sentence.id, 1);
  assert.deepEqual(again.session.state.spans, []);
  assert.equal(storage.getItem("gleaner-annotate/p/value/draft"), null);
  assert.deepEqual(server.stack.map((each) => [each.id, each.spans]), [[0, [span(0, 1)]]]);
});

test("edits of a sentence that has other words now are forgotten", async (t) => {
  const { session, storage } = await setUp(t);
  mark(session, span(1, 3));
  const other = new Fake(30);
  other.show = (id, spans = []) => ({ id, words: ["een"], spans, held_out: false, why: "random", notes: [] });
  const again = await setUp(t, 30, storage, other);
  assert.equal(again.session.sentence.id, 0);
  assert.deepEqual(again.session.state.spans, []);
});

test("edits that replace an answer outlive the page", async (t) => {
  const { session, storage, server } = await setUp(t);
  mark(session, span(0, 1));
  session.answer("accept");
  await settle(session);
  server.up = false;
  await session.undo();
  mark(session, span(1, 2));
  server.up = true;
  const again = await setUp(t, 30, storage, server);
  assert.equal(again.session.sentence.id, 0);
  assert.deepEqual(again.session.state.spans, [span(1, 2)]);
});

test("a page that is opened again sends what the earlier one left", async (t) => {
  const first = await setUp(t);
  first.server.up = false;
  first.session.answer("accept");
  first.session.answer("reject");
  await settle(first.session);
  first.server.up = true;
  const second = await setUp(t, 30, first.storage, first.server);
  await settle(second.session);
  assert.deepEqual(first.server.stack.map((each) => each.action), ["accept", "reject"]);
  assert.equal(second.session.sentence.id, 2);
});
