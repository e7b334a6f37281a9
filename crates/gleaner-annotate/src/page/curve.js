// The learning curve: the score of each model on the test sentences, with its interval.

import { score } from "./texts.js";

const WIDTH = 280;
const HEIGHT = 96;
const LEFT = 34;
const BOTTOM = 18;
const EDGE = 8;

/** The curve in words, for those who cannot see it. */
export function curveInWords(scores) {
  const points = scores.map(({ sentences, f1 }) => `${score(f1)} after ${sentences} sentences`);
  return `F1 on the test sentences: ${points.join(", ")}`;
}

/** Draws the curve into an svg element. Hides it with fewer than two scores. */
export function drawCurve(svg, scores) {
  // `hidden` is a property of HTML elements only.
  svg.toggleAttribute("hidden", scores.length < 2);
  if (scores.length < 2) return;
  const node = (name, attributes, content = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = content;
    return made;
  };
  const most = Math.max(1, ...scores.map((each) => each.sentences));
  const x = (sentences) => LEFT + EDGE + (sentences / most) * (WIDTH - LEFT - 2 * EDGE);
  const y = (f1) => EDGE + (1 - f1) * (HEIGHT - BOTTOM - EDGE);
  const parts = [0, 0.5, 1].flatMap((f1) => [
    node("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y(f1), y2: y(f1) }),
    node("text", { x: LEFT - 6, y: y(f1) + 4, "text-anchor": "end" }, String(f1)),
  ]);
  for (const { sentences, low, high } of scores) {
    parts.push(node("line", { class: "interval", x1: x(sentences), x2: x(sentences), y1: y(low), y2: y(high) }));
  }
  parts.push(node("polyline", { points: scores.map(({ sentences, f1 }) => `${x(sentences)},${y(f1)}`).join(" ") }));
  for (const { sentences, f1 } of scores) parts.push(node("circle", { cx: x(sentences), cy: y(f1), r: 3.5 }));
  parts.push(node("text", { x: WIDTH, y: HEIGHT - 2, "text-anchor": "end" }, `${most} sentences`));
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("aria-label", curveInWords(scores));
  svg.replaceChildren(...parts);
}
