// 30 sentences with the keyboard alone, while the server is killed twice. At the end the server has every answer.

import assert from "node:assert/strict";

import { DESKTOP, Window } from "./browser.mjs";

const SENTENCES = 30;
const ANNOTATOR = "keyboard";
const SAVED = "All answers saved";
const span = (start, end, type) => ({ start, end, type });

/** Edits of a sentence, one after the other; each checks what it did. They return the action that answers the sentence. */
function edits(types) {
  const [one, two] = [types[0], types.at(1) ?? types[0]];
  const second = types.length > 1 ? "2" : "1";
  return [
    async () => "accept",

    // A selection with Shift, a type, and another type for the same span.
    async (window) => {
      await window.press("Home", "Shift+ArrowRight");
      assert.deepEqual((await window.read()).selected, [0, 1]);
      await window.press("1");
      let now = await window.read();
      assert.deepEqual(now.spans[0], span(0, 2, one));
      assert.ok(now.message.startsWith(`${one}: ${now.words[0]} ${now.words[1]}`), now.message);
      assert.equal(now.spoken, now.message);
      await window.press(second);
      now = await window.read();
      assert.deepEqual(now.spans[0], span(0, 2, two));
      return "accept";
    },

    // Borders.
    async (window) => {
      await window.press("End", "Shift+Home", "Delete", "Home", "ArrowRight", "1", "]");
      assert.deepEqual((await window.read()).spans, [span(1, 3, one)]);
      await window.press("{");
      assert.deepEqual((await window.read()).spans, [span(0, 3, one)]);
      await window.press("}", "[", "[");
      const now = await window.read();
      assert.deepEqual(now.spans, [span(1, 2, one)]);
      assert.equal(now.message, "The border cannot move further");
      return "accept";
    },

    // Removal of everything, and a whole sentence as one span.
    async (window) => {
      await window.press("Home", "Shift+End", second);
      const { words, spans } = await window.read();
      assert.deepEqual(spans, [span(0, words.length, two)]);
      await window.press("Backspace");
      assert.deepEqual((await window.read()).spans, []);
      return "accept";
    },

    // From one span to the next.
    async (window) => {
      await window.press("End", "Shift+Home", "Delete", "Home", "1", "ArrowRight", "ArrowRight", second, "Home", "ArrowDown");
      assert.equal((await window.read()).cursor, 2);
      await window.press("ArrowUp");
      assert.equal((await window.read()).cursor, 0);
      await window.press("Shift+ArrowRight", "Escape");
      assert.deepEqual((await window.read()).selected, []);
      return "accept";
    },

    async () => "skip",
    async () => "reject",
  ];
}

const KEYS = { accept: "Enter", skip: "s", reject: "r" };

export async function annotateByKeyboard(browser, server) {
  const window = await Window.open(browser, server.address, { ...DESKTOP, reducedMotion: "reduce" });
  await window.page.goto(server.address);
  await window.page.waitForSelector("#ask[open]");
  await window.page.keyboard.type(ANNOTATOR);
  await window.press("Enter");
  await window.waitForSentence();

  const { types } = await server.get("/api/project");
  const kinds = edits(types);
  const expected = [];

  const answer = async (kind) => {
    const shown = await window.read();
    assert.ok(shown.cursor >= 0, "the cursor has the focus");
    const action = await kind(window);
    const { spans, words, title } = await window.read();
    expected.push({ action, spans, words });
    await window.press(KEYS[action]);
    await window.page.waitForFunction((title) => document.getElementById("title").textContent !== title, title);
  };
  const next = () => answer(kinds[expected.length % kinds.length]);

  // Help opens and closes, and the cursor is where it was.
  const before = await window.read();
  await window.press("?");
  await window.page.waitForSelector("#help[open]");
  await window.press("Escape");
  assert.equal((await window.read()).cursor, before.cursor);

  while (expected.length < 9) await next();
  await window.waitFor("connection", SAVED);

  // Undo, with the server: the sentence returns with the spans that were answered.
  await window.press("u");
  const last = expected.pop();
  await window.waitFor("message", "Back to this sentence");
  assert.deepEqual((await window.read()).words, last.words);
  assert.deepEqual((await window.read()).spans, last.spans);
  await answer(kinds[1]);

  // Killed while an answer is on its way.
  const sent = next();
  await server.kill();
  await sent;
  for (let round = 0; round < 4; round++) await next();
  await window.waitFor("connection", "kept in this browser");
  // Undo, without the server.
  await window.press("u");
  await window.waitFor("message", "Back to this sentence");
  expected.pop();
  await answer(kinds[3]);
  await server.start();
  await window.waitFor("connection", SAVED);

  while (expected.length < 22) await next();
  await window.waitFor("connection", SAVED);

  // Killed, and the page is closed before the server is back.
  await server.kill();
  for (let round = 0; round < 4; round++) await next();
  // An edit without an answer also outlives the page.
  await window.press("End", "Shift+Home", "1");
  const draft = await window.read();
  await window.page.goto("about:blank").catch(() => {});
  window.faults = window.faults.filter((fault) => !fault.includes("about:blank"));
  await server.start();
  await window.page.goto(server.address);
  await window.waitForSentence();
  await window.waitFor("connection", SAVED);
  assert.deepEqual((await window.read()).words, draft.words);
  assert.deepEqual((await window.read()).spans, draft.spans);

  while (expected.length < SENTENCES) await next();
  await window.waitFor("connection", SAVED);
  const progress = await server.get(`/api/progress?annotator=${ANNOTATOR}`);
  assert.equal(progress.answered, SENTENCES);
  await window.close();

  // Undo returns every answer, the latest first.
  for (const { words, spans } of expected.reverse()) {
    const { sentence } = await server.post("/api/undo", { annotator: ANNOTATOR });
    assert.deepEqual(sentence.words, words);
    assert.deepEqual(sentence.spans.map(({ start, end, type }) => span(start, end, type)), spans);
  }
  assert.equal((await server.post("/api/undo", { annotator: ANNOTATOR })).sentence, null);
}
