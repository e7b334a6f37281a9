// Mouse, pen and touch on the words of a sentence.

import { SentenceView } from "./sentence.js";

/**
 * Calls `on.place(word)` for a click, `on.tap(word)` for a tap, `on.extend(word)` for a click with Shift, and
 * `on.select(from, to)` while words are dragged over; `on.cancel()` if the browser takes the drag to scroll.
 */
export function watchPointer(element, on) {
  let from, last, dragged;

  element.addEventListener("pointerdown", (event) => {
    const word = SentenceView.wordOf(event.target);
    if (event.button !== 0 || !event.isPrimary || word === undefined) return;
    // The page moves the focus itself. Without this, a mouse would also select text.
    event.preventDefault();
    if (event.shiftKey) return on.extend(word);
    from = last = word;
    dragged = false;
    // Words may be drawn again during a drag; the element stays.
    element.setPointerCapture(event.pointerId);
  });

  element.addEventListener("pointermove", (event) => {
    if (from === undefined) return;
    const word = SentenceView.wordOf(document.elementFromPoint(event.clientX, event.clientY));
    if (word === undefined || word === last) return;
    last = word;
    dragged = true;
    on.select(from, word);
  });

  element.addEventListener("pointerup", (event) => {
    if (from !== undefined && !dragged && event.pointerType === "mouse") on.place(from);
    else if (from !== undefined && !dragged) on.tap(from);
    from = undefined;
  });

  element.addEventListener("pointercancel", () => {
    if (from !== undefined && dragged) on.cancel();
    from = undefined;
  });

  // Clicks of assistive technology come without a pointer.
  element.addEventListener("click", (event) => {
    const word = SentenceView.wordOf(event.target);
    if (event.detail === 0 && word !== undefined) on.tap(word);
  });
}
