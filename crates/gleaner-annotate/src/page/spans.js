// The spans of one sentence: pure functions that return new lists and change none.
//
// A span is {start, end, type, confidence?}: word indexes, the end exclusive. A list of spans is sorted by its starts, and
// no two spans overlap. Every function keeps that.

/** Whether two ranges of words share a word. */
export function overlap(a, b) {
  return a.start < b.end && b.start < a.end;
}

/** The span that contains a word, or undefined. */
export function spanAt(spans, word) {
  return spans.find((span) => span.start <= word && word < span.end);
}

/** The spans that share a word with a range. */
export function spansIn(spans, range) {
  return spans.filter((span) => overlap(span, range));
}

/** The range from one word to another, both included, in either order. */
export function rangeOf(one, other) {
  return { start: Math.min(one, other), end: Math.max(one, other) + 1 };
}

/**
 * Gives a range of words a type. The new span replaces every span that it overlaps, as a whole: what a replaced span would
 * leave over is rarely an entity.
 */
export function setSpan(spans, range, type) {
  const kept = spans.filter((span) => !overlap(span, range));
  return sorted([...kept, { start: range.start, end: range.end, type }]);
}

/** Removes every span that shares a word with a range. */
export function removeSpans(spans, range) {
  return spans.filter((span) => !overlap(span, range));
}

/**
 * Moves one border of the span that contains `word` by `by` words. Returns undefined if it cannot move: no span is there,
 * it would be empty, it would leave the sentence of `length` words, or it would enter another span.
 */
export function moveBorder(spans, word, side, by, length) {
  const span = spanAt(spans, word);
  if (!span) return undefined;
  const moved = { start: span.start, end: span.end, type: span.type };
  moved[side] += by;
  const others = spans.filter((other) => other !== span);
  const empty = moved.start >= moved.end;
  const outside = moved.start < 0 || moved.end > length;
  if (empty || outside || spansIn(others, moved).length > 0) return undefined;
  return sorted([...others, moved]);
}

/** The first word of the nearest span after (`by` = 1) or before (`by` = -1) the span or word at `word`, or undefined. */
export function neighbour(spans, word, by) {
  const here = spanAt(spans, word);
  const starts = spans.filter((span) => span !== here).map((span) => span.start);
  return by > 0 ? starts.find((start) => start > word) : starts.findLast((start) => start < word);
}

/** The first word of the span that the model is least sure of; without confidences, of the first span; else word 0. */
export function firstToCheck(spans) {
  const confidence = (span) => span.confidence ?? 1;
  const least = spans.reduce((best, span) => (best && confidence(best) <= confidence(span) ? best : span), undefined);
  return least ? least.start : 0;
}

/** The spans as an answer: without confidences. */
export function answerOf(spans) {
  return spans.map(({ start, end, type }) => ({ start, end, type }));
}

function sorted(spans) {
  return spans.sort((a, b) => a.start - b.start);
}
