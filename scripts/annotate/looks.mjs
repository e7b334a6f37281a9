// axe-core, widths and screenshots: both colour schemes, phone and desktop, and every state of the page.

import assert from "node:assert/strict";

import { DESKTOP, PHONE, Window } from "./browser.mjs";

// One for each look: an annotator does not see sentences again.
const annotators = ["Anna", "Bram", "Carla", "Dina", "Elin", "Finn", "Gwen"].values();

export async function checkLooks(browser, server) {
  for (const [device, options] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const colorScheme of ["light", "dark"]) {
      await look(browser, server, `${device}-${colorScheme}`, { ...options, colorScheme, reducedMotion: "reduce" });
    }
  }
  await look(browser, server, "contrast", { ...DESKTOP, contrast: "more", reducedMotion: "reduce" });
  await look(browser, server, "forced-colors", { ...DESKTOP, forcedColors: "active", reducedMotion: "reduce" });
  // WCAG 1.4.10: no scrolling sideways in a window 320 pixels wide.
  await look(browser, server, "narrow", { ...PHONE, viewport: { width: 320, height: 640 }, reducedMotion: "reduce" });
}

async function look(browser, server, name, options) {
  const window = await Window.open(browser, server.address, options);
  const check = async (state) => {
    await window.checkAccess(`${name}, ${state}`);
    await window.checkWidth(`${name}, ${state}`);
    await window.screenshot(state === "sentence" ? name : `${name}-${state}`);
  };
  await window.page.goto(server.address);
  await window.page.waitForSelector("#ask[open]");
  await check("name");
  await window.page.keyboard.type(annotators.next().value);
  await window.press("Enter");
  await window.waitForSentence();
  await window.waitFor("connection", "All answers saved");
  await check("first");

  // Some answers, so that there is progress; then a sentence with entities and a selection.
  const isRich = async () => new Set((await window.read()).spans.map((span) => span.type)).size > 1;
  for (let at = 0; at < 20 || (at < 27 && !(await isRich())); at++) {
    await window.press("Enter");
    await window.waitForSentence();
  }
  await window.waitFor("connection", "All answers saved");
  await window.press("Home", "Shift+ArrowRight");
  await check("selection");
  await window.press("Escape", "ArrowDown");
  await check("sentence");
  if (name.startsWith("phone")) {
    await window.page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    await check("guidelines");
  }

  await window.press("?");
  await check("help");
  await window.press("Escape");

  // The server is away, then has no sentence left.
  await window.page.route("**/api/**", (route) => route.abort());
  await window.press("Enter");
  await window.waitFor("connection", "kept in this browser");
  await check("away");
  await window.page.unroute("**/api/**");
  await window.page.route("**/api/next*", (route) => route.fulfill({ json: { sentences: [] } }));
  await window.page.reload();
  await window.page.waitForSelector("#empty:not([hidden])");
  await window.waitFor("connection", "All answers saved");
  assert.equal(await window.page.evaluate(() => document.activeElement.id), "empty-title");
  await check("empty");
  await window.close();
}
