// The page in headless Chromium: check_page.mjs COMMAND (see scripts/check-page).

import { launch } from "./browser.mjs";
import { checkLooks } from "./looks.mjs";
import { annotateByKeyboard } from "./keyboard.mjs";
import { checkScripts } from "./scripts.mjs";
import { ServerProcess } from "./server.mjs";
import { checkTouch } from "./touch.mjs";

const server = await ServerProcess.start(process.argv[2]);
const browser = await launch();
let passed = 0;
for (const check of [annotateByKeyboard, checkLooks, checkScripts, checkTouch]) {
  await check(browser, server);
  console.log(`${check.name}: passed`);
  passed += 1;
}
await browser.close();
await server.kill();
console.log(`${passed} passed, 0 failed`);
