// A phone without a keyboard, and a mouse.

import assert from "node:assert/strict";

import { DESKTOP, PHONE, Window } from "./browser.mjs";

const word = (at) => `#sentence [role=option][data-word="${at}"]`;

export async function checkTouch(browser, server) {
  const { types } = await server.get("/api/project");
  const sentence = { id: 0, words: "Met Wilco Anton Kniepenaar in Brakfontein .".split(" "), held_out: false, why: "random", notes: [] };
  const open = async (options) => {
    const window = await Window.open(browser, server.address, { ...options, reducedMotion: "reduce" });
    const proposed = { start: 2, end: 4, type: types[0], confidence: 0.6 };
    await window.page.route("**/api/next*", (route) => route.fulfill({ json: { sentences: [{ ...sentence, spans: [proposed] }] } }));
    await window.page.goto(`${server.address}/?annotator=touch`);
    await window.waitForSentence();
    return window;
  };
  const button = (index) => `.type >> nth=${index}`;
  const spans = async (window) => (await window.read()).spans.map(({ start, end }) => [start, end]);

  const phone = await open(PHONE);
  await phone.page.tap(word(1));
  await phone.page.tap(word(3));
  assert.deepEqual((await phone.read()).selected, [1, 2, 3]);
  await phone.page.tap(button(0));
  assert.deepEqual(await spans(phone), [[1, 4]]);
  await phone.page.tap(word(2));
  await phone.page.tap("[data-command=shift][data-side=start][data-by='1']");
  assert.deepEqual(await spans(phone), [[2, 4]]);
  await phone.page.tap("[data-command=remove]");
  assert.deepEqual(await spans(phone), []);
  const small = await phone.page.evaluate(() =>
    [...document.querySelectorAll("button")]
      .map((each) => [each.textContent, each.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.width < 40 || box.height < 40))
      .map(([text]) => text),
  );
  assert.deepEqual(small, [], "buttons too small for a finger");
  await phone.close();

  const desktop = await open(DESKTOP);
  const middle = async (at) => {
    const box = await desktop.page.locator(word(at)).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const { mouse } = desktop.page;
  await mouse.move(...(await middle(1)));
  await mouse.down();
  await mouse.move(...(await middle(2)));
  await mouse.move(...(await middle(3)), { steps: 4 });
  await mouse.up();
  assert.deepEqual((await desktop.read()).selected, [1, 2, 3]);
  // A button returns the focus to the sentence, so that the next key works.
  await desktop.page.click(button(0));
  assert.deepEqual(await spans(desktop), [[1, 4]]);
  await desktop.press("]");
  assert.deepEqual(await spans(desktop), [[1, 5]]);
  await desktop.page.click(word(5));
  await desktop.page.click(word(6), { modifiers: ["Shift"] });
  assert.deepEqual((await desktop.read()).selected, [5, 6]);
  await desktop.close();
}
