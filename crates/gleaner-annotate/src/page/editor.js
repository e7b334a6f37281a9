// The sentence on screen while it is edited: pure functions from one state to the next.
//
// A state is {words, spans, cursor, anchor}. `cursor` is the word of the cursor. `anchor` is the other end of the selection,
// or null without one. Functions that can fail or that are worth announcing return {state, said}: `said` is one sentence.

import { answerOf, firstToCheck, moveBorder, neighbour, rangeOf, removeSpans, setSpan, spanAt, spansIn } from "./spans.js";

/** The state in which a sentence of the server is shown first. */
export function open(sentence, spans = sentence.spans) {
  return { words: sentence.words, spans, cursor: firstToCheck(spans), anchor: null };
}

/** The selected range, or null. */
export function selection(state) {
  return state.anchor === null ? null : rangeOf(state.anchor, state.cursor);
}

/** What a type or a removal applies to: the selection, or the span under the cursor, or the word under it. */
export function target(state) {
  const span = spanAt(state.spans, state.cursor);
  return selection(state) ?? (span ? { start: span.start, end: span.end } : rangeOf(state.cursor, state.cursor));
}

/** The span that the buttons for borders change: the one under the cursor, unless words are selected. */
export function current(state) {
  return state.anchor === null ? spanAt(state.spans, state.cursor) : undefined;
}

/** Moves the cursor by words, and drops the selection or, with `extend`, extends it. */
export function move(state, by, extend = false) {
  return moveTo(state, state.cursor + by, extend);
}

/** Moves the cursor to a word, clamped to the sentence. */
export function moveTo(state, word, extend = false) {
  const cursor = Math.max(0, Math.min(state.words.length - 1, word));
  return { ...state, cursor, anchor: extend ? (state.anchor ?? state.cursor) : null };
}

/** Selects from one word to another. */
export function select(state, anchor, cursor) {
  return { ...moveTo(state, cursor), anchor };
}

/** Drops the selection. */
export function deselect(state) {
  return { ...state, anchor: null };
}

/** Moves the cursor to the next (`by` = 1) or previous (`by` = -1) span. Stays where there is none. */
export function moveToSpan(state, by) {
  return moveTo(state, neighbour(state.spans, state.cursor, by) ?? state.cursor);
}

/**
 * A tap on a word. A tap on a span moves the cursor there; a tap on another word selects it, a second tap extends the
 * selection, and a third begins again. A tap on the only selected word drops the selection.
 */
export function tap(state, word) {
  const one = state.anchor !== null && state.anchor === state.cursor;
  if (one && word === state.cursor) return deselect(state);
  if (one) return select(state, state.anchor, word);
  return spanAt(state.spans, word) ? moveTo(state, word) : select(state, word, word);
}

/** Gives the target a type. */
export function setType(state, type) {
  const range = target(state);
  const same = (span) => span.start === range.start && span.end === range.end;
  const replaced = spansIn(state.spans, range).filter((span) => !same(span));
  const spans = setSpan(state.spans, range, type);
  const instead = replaced.length > 0 ? `, instead of ${listed(state, replaced)}` : "";
  return { state: { ...state, spans, cursor: range.start, anchor: null }, said: `${type}: ${text(state, range)}${instead}` };
}

/** Removes the spans of the target. */
export function remove(state) {
  const range = target(state);
  const removed = spansIn(state.spans, range);
  if (removed.length === 0) return { state: deselect(state), said: "No entity here" };
  return { state: { ...deselect(state), spans: removeSpans(state.spans, range) }, said: `Removed ${listed(state, removed)}` };
}

/** Replaces all spans by those that are suggested; `spans` is null if none are. */
export function take(state, spans) {
  if (!spans) return { state, said: "Nothing is suggested for this sentence" };
  const taken = { ...state, spans, cursor: firstToCheck(spans), anchor: null };
  return { state: taken, said: `Took ${spans.length > 0 ? listed(taken, spans) : "no entities"}` };
}

/** Moves a border ("start" or "end") of the span under the cursor. The cursor stays in the span. */
export function shift(state, side, by) {
  const span = spanAt(state.spans, state.cursor);
  if (!span) return { state, said: "Move the cursor to an entity first" };
  const spans = moveBorder(state.spans, state.cursor, side, by, state.words.length);
  if (!spans) return { state, said: "The border cannot move further" };
  const moved = spansIn(spans, span).find((other) => other.type === span.type && other[side] === span[side] + by);
  const cursor = Math.max(moved.start, Math.min(moved.end - 1, state.cursor));
  return { state: { ...state, spans, cursor, anchor: null }, said: `${moved.type}: ${text(state, moved)}` };
}

/** What is sent to the server. */
export function answer(state) {
  return answerOf(state.spans);
}

/** The words of a range. */
export function text(state, range) {
  return state.words.slice(range.start, range.end).join(" ");
}

/** Spans in words: "PER Wilco Anton, LOC Bontnek". */
export function listed(state, spans) {
  return spans.map((span) => `${span.type} ${text(state, span)}`).join(", ");
}
