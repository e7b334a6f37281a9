// What the page says in words: pure functions.

import { listed, text } from "./editor.js";

const REASONS = {
  "least certain": "Least certain: the model is unsure here",
  random: "Random sentence",
};

/** A score between 0 and 1. */
export function score(value) {
  return value.toFixed(3);
}

/** A share between 0 and 1 as a whole percentage. */
export function percent(value) {
  return `${Math.round(value * 100)}\u00a0%`;
}

/** A number with its noun: "1 answer", "2 answers". */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Why a sentence is shown. */
export function reason(sentence) {
  if (sentence.held_out) return "Test sentence: shown without proposals";
  const why = sentence.why ?? "";
  return REASONS[why] ?? why.charAt(0).toUpperCase() + why.slice(1);
}

/** The lines of the panel on progress: pairs of a name and a value. */
export function progressLines(progress) {
  const { skipped, rejected, entities, training, scores, forecast, agreement } = progress;
  const lines = [["Entities", String(entities)]];
  if (skipped > 0) lines.push(["Skipped", String(skipped)]);
  if (rejected > 0) lines.push(["Rejected", String(rejected)]);
  const last = scores.at(-1);
  if (last) lines.push(["Test score", `F1 ${score(last.f1)} (${score(last.low)} to ${score(last.high)})`]);
  if (forecast) {
    const { sentences, low, high } = forecast;
    lines.push([`${sentences} more sentences`, `${signed(low)} to ${signed(high)} points`]);
  }
  if (agreement) {
    const { annotators, sentences, kappa, f1 } = agreement;
    const parts = [kappa !== null && `kappa ${score(kappa)}`, f1 !== null && `F1 ${score(f1)}`].filter(Boolean);
    const shared = count(sentences, "sentence");
    lines.push([`Agreement of ${annotators.join(" and ")}`, `${parts.join(", ")} (${shared})`.trim()]);
  }
  if (training) lines.push(["Model", `${training.charAt(0).toUpperCase()}${training.slice(1)} …`]);
  return lines;
}

function signed(points) {
  const rounded = Math.round(points * 10) / 10;
  return rounded > 0 ? `+${rounded}` : String(rounded).replace("-", "−");
}

/** What is suggested instead of the spans that are shown. */
export function suggestion(state, spans) {
  return `Suggested: ${spans.length > 0 ? listed(state, spans) : "no entities"}`;
}

/** A newly shown sentence, read aloud. */
export function readAloud(state, sentence) {
  const spans = state.spans.length > 0 ? `Entities: ${listed(state, state.spans)}` : "No entities";
  const notes = (sentence.notes ?? []).map((note) => ` ${note}.`).join("");
  const suggested = sentence.suggested ? ` ${suggestion(state, sentence.suggested)}.` : "";
  return `${text(state, { start: 0, end: state.words.length })} ${spans}.${notes}${suggested}`;
}

/** The state of the connection: what is kept in this browser, and whether the server answers. */
export function connection(waiting, problem) {
  if (problem === null) return waiting > 0 ? "Saving" : "All answers saved";
  const kept = waiting > 0 ? `${count(waiting, "answer")} kept in this browser and sent later` : "no answer is lost";
  return `${problem}: ${kept}`;
}
