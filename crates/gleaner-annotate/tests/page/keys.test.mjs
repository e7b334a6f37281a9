import assert from "node:assert/strict";
import test from "node:test";

import { commandOf } from "../../src/page/keys.js";

const press = (key, more = {}, rtl = false) => commandOf({ key, ...more }, rtl);

test("every key of the help has its command", () => {
  const names = ["Enter", "s", "r", "u", "t", "?", "Delete", "Backspace", "Escape", "Home", "End"].map((key) => press(key).name);
  const expected = ["accept", "skip", "reject", "undo", "take", "help", "remove", "remove", "deselect", "first", "last"];
  assert.deepEqual(names, expected);
  assert.deepEqual(press("3"), { name: "type", index: 2 });
  assert.deepEqual(press("["), { name: "shift", side: "end", by: -1 });
  assert.deepEqual(press("]"), { name: "shift", side: "end", by: 1 });
  assert.deepEqual(press("{"), { name: "shift", side: "start", by: -1 });
  assert.deepEqual(press("}"), { name: "shift", side: "start", by: 1 });
  assert.equal(press("x"), null);
  assert.equal(press("0"), null);
  assert.equal(press("Tab"), null);
});

test("arrows follow the direction of the sentence", () => {
  assert.deepEqual(press("ArrowRight"), { name: "move", by: 1, extend: undefined });
  assert.equal(press("ArrowRight", {}, true).by, -1);
  assert.equal(press("ArrowLeft", {}, true).by, 1);
  assert.equal(press("ArrowLeft", { shiftKey: true }).extend, true);
});

test("letters of other scripts count by their place, those of Latin layouts by their name", () => {
  assert.equal(press("س", { code: "KeyS" }).name, "skip");
  assert.equal(press("г", { code: "KeyU" }).name, "undo");
  assert.equal(press("е", { code: "KeyT" }).name, "take");
  assert.deepEqual(press("ج", { code: "BracketLeft" }), { name: "shift", side: "end", by: -1 });
  assert.deepEqual(press("Х", { code: "BracketLeft", shiftKey: true }), { name: "shift", side: "start", by: -1 });
  assert.equal(press("ü", { code: "BracketLeft" }), null);
  assert.equal(press("o", { code: "KeyS" }), null);
  assert.equal(press("S").name, "skip");
});

test("digits of other scripts and the row of digits of a French keyboard set types", () => {
  assert.deepEqual(press("٢", { code: "Digit2" }), { name: "type", index: 1 });
  assert.deepEqual(press("é", { code: "Digit2" }), { name: "type", index: 1 });
});

test("shortcuts of the browser are left alone", () => {
  assert.equal(press("s", { ctrlKey: true }), null);
  assert.equal(press("r", { metaKey: true }), null);
  assert.equal(press("ArrowLeft", { altKey: true }), null);
  assert.equal(press("1", { altKey: true }), null);
  assert.equal(press("Enter", { isComposing: true }), null);
});

test("brackets may be typed with AltGr, which some systems report as Ctrl and Alt", () => {
  assert.equal(press("[", { code: "Digit8", ctrlKey: true, altKey: true }).name, "shift");
  assert.equal(press("[", { code: "Digit5", altKey: true }).name, "shift");
});

test("a key that is held down answers one sentence only", () => {
  assert.equal(press("Enter", { repeat: true }).name, "nothing");
  assert.equal(press("u", { repeat: true }).name, "nothing");
  assert.equal(press("ArrowLeft", { repeat: true }).name, "move");
});
