import assert from "node:assert/strict";
import test from "node:test";

import * as spans from "../../src/page/spans.js";

const per = { start: 1, end: 3, type: "PER", confidence: 0.9 };
const loc = { start: 5, end: 6, type: "LOC", confidence: 0.4 };
const both = Object.freeze([Object.freeze(per), Object.freeze(loc)]);

test("a new span replaces the spans that it overlaps, as a whole", () => {
  const org = { start: 2, end: 4, type: "ORG" };
  assert.deepEqual(spans.setSpan(both, { start: 2, end: 4 }, "ORG"), [org, loc]);
  assert.deepEqual(spans.setSpan(both, { start: 0, end: 6 }, "ORG"), [{ start: 0, end: 6, type: "ORG" }]);
});

test("a new span beside others keeps them, in order", () => {
  const set = spans.setSpan(both, { start: 3, end: 5 }, "ORG");
  assert.deepEqual(set, [per, { start: 3, end: 5, type: "ORG" }, loc]);
});

test("a span that is set again is no longer a proposal", () => {
  assert.deepEqual(spans.setSpan(both, { start: 1, end: 3 }, "PER")[0], { start: 1, end: 3, type: "PER" });
});

test("removal takes every span that shares a word with the range", () => {
  assert.deepEqual(spans.removeSpans(both, { start: 2, end: 3 }), [loc]);
  assert.deepEqual(spans.removeSpans(both, { start: 2, end: 6 }), []);
  assert.deepEqual(spans.removeSpans(both, { start: 3, end: 5 }), both);
});

test("the last word of a span is in it, and the one after is not", () => {
  assert.equal(spans.spanAt(both, 0), undefined);
  assert.equal(spans.spanAt(both, 1), per);
  assert.equal(spans.spanAt(both, 2), per);
  assert.equal(spans.spanAt(both, 3), undefined);
});

test("borders move by a word", () => {
  const moved = (word, side, by) => spans.moveBorder(both, word, side, by, 7);
  assert.deepEqual(moved(1, "start", -1), [{ start: 0, end: 3, type: "PER" }, loc]);
  assert.deepEqual(moved(1, "start", 1), [{ start: 2, end: 3, type: "PER" }, loc]);
  assert.deepEqual(moved(2, "end", 1), [{ start: 1, end: 4, type: "PER" }, loc]);
  assert.deepEqual(moved(5, "end", 1), [per, { start: 5, end: 7, type: "LOC" }]);
});

test("a border stops at the other border, at the sentence and at the next span", () => {
  assert.equal(spans.moveBorder(both, 5, "end", -1, 7), undefined);
  assert.equal(spans.moveBorder(both, 5, "start", 1, 7), undefined);
  assert.equal(spans.moveBorder(both, 5, "end", 1, 6), undefined);
  assert.equal(spans.moveBorder([{ start: 0, end: 1, type: "A" }], 0, "start", -1, 6), undefined);
  const touching = [{ start: 0, end: 2, type: "A" }, { start: 2, end: 4, type: "B" }];
  assert.equal(spans.moveBorder(touching, 0, "end", 1, 6), undefined);
  assert.equal(spans.moveBorder(touching, 3, "start", -1, 6), undefined);
  assert.equal(spans.moveBorder(both, 4, "end", 1, 7), undefined);
});

test("neighbours are looked for on either side", () => {
  assert.equal(spans.neighbour(both, 0, 1), 1);
  assert.equal(spans.neighbour(both, 1, 1), 5);
  assert.equal(spans.neighbour(both, 5, 1), undefined);
  assert.equal(spans.neighbour(both, 5, -1), 1);
  assert.equal(spans.neighbour(both, 2, -1), undefined);
});

test("the cursor begins where the model is least sure", () => {
  assert.equal(spans.firstToCheck(both), 5);
  assert.equal(spans.firstToCheck([]), 0);
  assert.equal(spans.firstToCheck([{ start: 3, end: 4, type: "A" }, { start: 5, end: 6, type: "A" }]), 3);
});

test("an answer has no confidences", () => {
  assert.deepEqual(spans.answerOf(both)[0], { start: 1, end: 3, type: "PER" });
});

test("no sequence of edits makes spans overlap, leave the sentence or lose their order", () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const length = 9;
  let list = [];
  let borders = 0;
  for (let step = 0; step < 5000; step++) {
    const range = spans.rangeOf(random(length), random(length));
    const before = JSON.stringify(list);
    const kind = random(4);
    let next;
    if (kind === 0) next = spans.setSpan(list, range, "ABC"[random(3)]);
    else if (kind === 1 && random(3) === 0) next = spans.removeSpans(list, range);
    else next = spans.moveBorder(list, range.start, random(2) ? "start" : "end", random(2) ? 1 : -1, length);
    assert.equal(JSON.stringify(list), before, "the list that was given is unchanged");
    if (next === undefined) continue;
    borders += kind > 1;
    list = next;
    let end = 0;
    for (const span of list) {
      assert.ok(end <= span.start && span.start < span.end && span.end <= length, JSON.stringify(list));
      end = span.end;
    }
  }
  assert.ok(borders > 300, `${borders} borders moved`);
});
