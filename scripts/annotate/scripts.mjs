// Sentences that run from right to left, with words of several scripts, and text that looks like markup.

import assert from "node:assert/strict";

import { DESKTOP, PHONE, Window } from "./browser.mjs";

const SENTENCES = {
  // The professor Layla Mansour works at Sony Music Japan in the city of Haifa since 2019.
  arabic: { words: "تعمل الأستاذة ليلى منصور في شركة Sony Music Japan بمدينة حيفا منذ 2019 .".split(" "), latin: [6, 7, 8] },
  // Dana Levi from Tel Aviv reads the New York Times every morning.
  hebrew: { words: "דנה לוי מתל אביב קוראת את New York Times כל בוקר .".split(" "), latin: [6, 7, 8] },
  markup: { words: ["<img", "src=x", "onerror=document.title='hit'>", "&amp;", "<b>Kaap</b>", "x".repeat(90)], latin: [] },
};

/** The horizontal order of the words of one line, from the left. */
const order = (page, words) =>
  page.evaluate((words) => {
    const at = (word) => document.querySelector(`#sentence [role=option][data-word="${word}"]`).getBoundingClientRect();
    return words.toSorted((a, b) => at(a).left - at(b).left);
  }, words);

export async function checkScripts(browser, server) {
  const { types } = await server.get("/api/project");
  for (const [name, { words, latin }] of Object.entries(SENTENCES)) {
    for (const [device, options] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      const window = await Window.open(browser, server.address, { ...options, reducedMotion: "reduce" });
      const sentence = { id: 0, words, spans: [], held_out: false, why: "random", notes: ["<i>note</i>"] };
      await window.page.route("**/api/next*", (route) => route.fulfill({ json: { sentences: [sentence] } }));
      await window.page.goto(`${server.address}/?annotator=scripts`);
      await window.waitForSentence();
      assert.deepEqual((await window.read()).words, words);
      if (latin.length > 0) await runsFromRightToLeft(window, words, latin, types, device);
      else await window.press("Home", "Shift+End", "1");
      await window.checkAccess(`${name}, ${device}`);
      await window.checkWidth(`${name}, ${device}`);
      await window.screenshot(`${name}-${device}`);
      assert.notEqual(await window.page.title(), "hit");
      await window.close();
    }
  }
}

async function runsFromRightToLeft(window, words, latin, types, device) {
  const direction = await window.page.evaluate(() => getComputedStyle(document.getElementById("sentence")).direction);
  assert.equal(direction, "rtl");
  assert.equal((await window.read()).cursor, 0);
  await window.press("ArrowLeft", "ArrowLeft");
  assert.equal((await window.read()).cursor, 2, "the left arrow moves towards the end");
  await window.press("ArrowRight");
  assert.equal((await window.read()).cursor, 1);

  // Latin words keep their order, also where an entity begins or ends between them.
  const wide = device === "desktop";
  const all = [...words.keys()];
  const before = await order(window.page, all);
  if (wide) assert.deepEqual(before.filter((word) => latin.includes(word)), latin);
  await window.press("Home", ...Array(latin[0]).fill("ArrowLeft"), "Shift+ArrowLeft", "1");
  assert.deepEqual((await window.read()).spans, [{ start: latin[0], end: latin[1] + 1, type: types[0] }]);
  if (wide) assert.deepEqual(await order(window.page, latin), latin);
  await window.press("ArrowDown", "Home", "1", "]", "End");
  assert.equal((await window.read()).spans.length, 2);
}
