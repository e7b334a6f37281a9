import assert from "node:assert/strict";
import test from "node:test";

import * as editor from "../../src/page/editor.js";

const words = ["Met", "Wilco", "Anton", "Kniepenaar", "in", "Brakfontein", "."];
const proposed = [
  { start: 2, end: 4, type: "PER", confidence: 0.8 },
  { start: 5, end: 6, type: "LOC", confidence: 0.9 },
];
const opened = () => editor.open({ words, spans: proposed });

test("a sentence opens at the least certain proposal, without a selection", () => {
  assert.equal(opened().cursor, 2);
  assert.equal(editor.selection(opened()), null);
});

test("a type applies to the selection, and names what it replaces", () => {
  const selected = editor.move(editor.moveTo(opened(), 3), -2, true);
  assert.deepEqual(editor.selection(selected), { start: 1, end: 4 });
  const { state, said } = editor.setType(selected, "PER");
  assert.deepEqual(state.spans[0], { start: 1, end: 4, type: "PER" });
  assert.equal(said, "PER: Wilco Anton Kniepenaar, instead of PER Anton Kniepenaar");
  assert.equal(editor.selection(state), null);
});

test("without a selection a type applies to the whole span under the cursor", () => {
  const { state, said } = editor.setType(editor.moveTo(opened(), 3), "ORG");
  assert.deepEqual(state.spans[0], { start: 2, end: 4, type: "ORG" });
  assert.equal(said, "ORG: Anton Kniepenaar");
});

test("without a span a type applies to the word under the cursor", () => {
  const { state } = editor.setType(editor.moveTo(opened(), 0), "ORG");
  assert.deepEqual(state.spans[0], { start: 0, end: 1, type: "ORG" });
});

test("a selection of one word inside a span replaces the span", () => {
  const one = editor.move(editor.move(opened(), 1, true), -1, true);
  assert.deepEqual(editor.selection(one), { start: 2, end: 3 });
  assert.deepEqual(editor.setType(one, "PER").state.spans[0], { start: 2, end: 3, type: "PER" });
});

test("the cursor stays in the sentence", () => {
  assert.equal(editor.move(opened(), -9).cursor, 0);
  assert.equal(editor.move(opened(), 99).cursor, words.length - 1);
});

test("a move without Shift drops the selection", () => {
  assert.equal(editor.move(editor.move(opened(), 1, true), 1).anchor, null);
});

test("removal says what it removed, and that there was nothing", () => {
  assert.equal(editor.remove(opened()).said, "Removed PER Anton Kniepenaar");
  assert.deepEqual(editor.remove(opened()).state.spans, [proposed[1]]);
  const nothing = editor.remove(editor.moveTo(opened(), 0));
  assert.equal(nothing.said, "No entity here");
  assert.equal(nothing.state.spans, proposed);
});

test("the cursor stays in a span whose border moves", () => {
  const shorter = editor.shift(editor.moveTo(opened(), 3), "end", -1);
  assert.deepEqual(shorter.state.spans[0], { start: 2, end: 3, type: "PER" });
  assert.equal(shorter.state.cursor, 2);
  assert.equal(shorter.said, "PER: Anton");
  assert.equal(editor.shift(shorter.state, "end", -1).said, "The border cannot move further");
  const longer = editor.shift(opened(), "start", -1);
  assert.equal(longer.said, "PER: Wilco Anton Kniepenaar");
});

test("taps select, extend and begin again", () => {
  const first = editor.tap(opened(), 0);
  assert.deepEqual(editor.selection(first), { start: 0, end: 1 });
  const second = editor.tap(first, 3);
  assert.deepEqual(editor.selection(second), { start: 0, end: 4 });
  assert.deepEqual(editor.selection(editor.tap(second, 6)), { start: 6, end: 7 });
  assert.equal(editor.selection(editor.tap(first, 0)), null);
});

test("a tap on a span makes it current", () => {
  const state = editor.tap(opened(), 5);
  assert.equal(editor.selection(state), null);
  assert.equal(editor.current(state), proposed[1]);
});

test("a selection has no current span", () => {
  assert.equal(editor.current(editor.move(opened(), 1, true)), undefined);
});

test("what is suggested replaces all spans, and opens at the least certain of them", () => {
  const suggested = [
    { start: 1, end: 4, type: "PER", confidence: 0.9 },
    { start: 5, end: 6, type: "ORG", confidence: 0.6 },
  ];
  const { state, said } = editor.take(editor.move(opened(), 1, true), suggested);
  assert.deepEqual(state.spans, suggested);
  assert.deepEqual([state.cursor, state.anchor], [5, null]);
  assert.equal(said, "Took PER Wilco Anton Kniepenaar, ORG Brakfontein");
  assert.deepEqual(editor.answer(state)[1], { start: 5, end: 6, type: "ORG" });
});

test("no entities can be suggested, which is not the same as no suggestion", () => {
  assert.deepEqual(editor.take(opened(), []).state.spans, []);
  assert.equal(editor.take(opened(), []).said, "Took no entities");
  const without = editor.take(opened(), null);
  assert.equal(without.state.spans, proposed);
  assert.equal(without.said, "Nothing is suggested for this sentence");
});
