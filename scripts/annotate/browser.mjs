// A browser window on the page, which records every fault that the browser reports.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const tools = createRequire(join(process.env.PAGE_TOOLS, "node_modules/"));
const { chromium } = tools("playwright-core");
const AXE = readFileSync(tools.resolve("axe-core/axe.min.js"), "utf8");
// axe-core's rules for WCAG 2.2 A and AA, and its best practices.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}

export class Window {
  /** Opens a window with Playwright's options of a context. */
  static async open(browser, address, options) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const window = new Window(context, page);
    page.on("pageerror", (error) => window.faults.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(address)) window.faults.push(`request to ${request.url()}`);
    });
    page.on("console", (message) => {
      // The browser also reports requests to a server that is away, or that refuses: the page shows these itself.
      const expected = message.text().startsWith("Failed to load resource") && message.location().url.includes("/api/");
      if (message.type() === "error" && !expected) window.faults.push(message.text());
    });
    return window;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.faults = [];
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.faults, [], "faults that the browser reports");
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** What is on screen: words, spans, cursor and lines of text. */
  read() {
    return this.page.evaluate(() => {
      const text = (id) => document.getElementById(id).textContent;
      const words = [...document.querySelectorAll("#sentence [role=option]")];
      const spans = [...document.querySelectorAll("#sentence [role=group]")].map((group) => {
        const inside = [...group.querySelectorAll("[role=option]")].map((word) => Number(word.dataset.word));
        return { start: inside[0], end: inside.at(-1) + 1, type: group.querySelector(".label").firstChild.textContent };
      });
      return {
        words: words.map((word) => word.textContent),
        spans,
        cursor: words.findIndex((word) => word === document.activeElement),
        selected: words.flatMap((word, at) => (word.ariaSelected === "true" ? [at] : [])),
        title: text("title"),
        message: text("message"),
        alert: text("alert"),
        spoken: text("spoken"),
        connection: text("connection"),
        empty: !document.getElementById("empty").hidden,
      };
    });
  }

  /** Waits until `id` has a text. */
  waitFor(id, text) {
    return this.page.waitForFunction(([id, text]) => document.getElementById(id).textContent.includes(text), [id, text]);
  }

  waitForSentence() {
    return this.page.waitForSelector("#work:not([hidden]) [role=option]");
  }

  /** Runs axe-core on what is on screen. */
  async checkAccess(where) {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate((rules) => axe.run({ runOnly: rules }), RULES);
    const lines = found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`));
    assert.deepEqual(lines, [], `axe-core: ${where}`);
    assert.ok(found.passes.length > 15, "axe-core has looked at the page");
  }

  /** Fails where the page is wider than the window. */
  async checkWidth(where) {
    const [page, window] = await this.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(page <= window, `${where}: ${page} of ${window} pixels`);
  }

  screenshot(name) {
    return this.page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
  }
}
