import assert from "node:assert/strict";
import test from "node:test";

import { blocks } from "../../src/page/guidelines.js";
import { connection, progressLines, readAloud, reason } from "../../src/page/texts.js";

const progress = {
  sentences: 300,
  answered: 12,
  skipped: 1,
  rejected: 0,
  entities: 31,
  training: "training on 50 sentences",
  scores: [{ model: "1", sentences: 50, f1: 0.61, low: 0.5234, high: 0.7 }],
  forecast: { sentences: 100, low: 2, high: 5.04 },
  agreement: { annotators: ["a", "b"], sentences: 20, kappa: 0.81, f1: 0.77 },
};

test("progress has the score with its interval and the forecast in points", () => {
  assert.deepEqual(progressLines(progress), [
    ["Entities", "31"],
    ["Skipped", "1"],
    ["Test score", "F1 0.610 (0.523 to 0.700)"],
    ["100 more sentences", "+2 to +5 points"],
    ["Agreement of a and b", "kappa 0.810, F1 0.770 (20 sentences)"],
    ["Model", "Training on 50 sentences …"],
  ]);
});

test("agreement that is not defined is left out", () => {
  const none = { ...progress, agreement: { ...progress.agreement, kappa: null } };
  assert.equal(progressLines(none)[4][1], "F1 0.770 (20 sentences)");
});

test("a forecast may be a loss", () => {
  const worse = { ...progress, forecast: { sentences: 100, low: -1.25, high: 0 } };
  assert.deepEqual(progressLines(worse)[3], ["100 more sentences", "−1.2 to 0 points"]);
});

test("what is not known yet is left out", () => {
  const early = { ...progress, skipped: 0, training: null, scores: [], forecast: null, agreement: null };
  assert.deepEqual(progressLines(early), [["Entities", "31"]]);
});

test("reasons are written out", () => {
  assert.equal(reason({ why: "doubtful tag" }), "Doubtful tag");
  assert.equal(reason({ why: "random", held_out: true }), "Test sentence: shown without proposals");
  assert.equal(reason({}), "");
});

test("a sentence is read with its entities and notes", () => {
  const state = { words: ["In", "Bontnek"], spans: [{ start: 1, end: 2, type: "LOC" }] };
  assert.equal(readAloud(state, { notes: ["Check this"] }), "In Bontnek Entities: LOC Bontnek. Check this.");
  assert.equal(readAloud({ ...state, spans: [] }, {}), "In Bontnek No entities.");
  const suggested = [{ start: 1, end: 2, type: "ORG", confidence: 0.9 }];
  assert.equal(readAloud(state, { suggested }), "In Bontnek Entities: LOC Bontnek. Suggested: ORG Bontnek.");
  assert.equal(readAloud(state, { suggested: [] }), "In Bontnek Entities: LOC Bontnek. Suggested: no entities.");
  assert.equal(readAloud(state, { suggested: null }), "In Bontnek Entities: LOC Bontnek.");
});

test("the connection counts what waits", () => {
  assert.equal(connection(0, null), "All answers saved");
  assert.equal(connection(1, "Away"), "Away: 1 answer kept in this browser and sent later");
  assert.equal(connection(0, "Away"), "Away: no answer is lost");
});

test("guidelines have headings, lists and paragraphs", () => {
  assert.deepEqual(blocks("# Title\nOne\ntwo\n\n- a\n  more\n* b\n1. c\n<b>x</b>"), [
    { kind: "heading", lines: ["Title"] },
    { kind: "paragraph", lines: ["One", "two"] },
    { kind: "list", lines: ["a more", "b", "c <b>x</b>"] },
  ]);
  assert.deepEqual(blocks(""), []);
});
