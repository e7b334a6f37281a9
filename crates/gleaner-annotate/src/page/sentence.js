// The sentence on screen: a list box whose options are the words. Spans are groups of options.
//
// Words and spans are inline boxes without isolation, so that the browser orders mixed scripts as in running text, with and
// without spans. Only the label of a span is isolated.

import { selection } from "./editor.js";
import { spanAt } from "./spans.js";
import { percent } from "./texts.js";

const COLOURS = 8;
const BORDERS = 4;

// Punctuation that is written without a space before or after it. The words are shown as people write them.
const CLOSING = /^[,.;:!?)\]}…،؛؟۔።、。]+$/u;
const OPENING = /^[([{¿¡]+$/u;

/** The classes that give a type its colour and border. The first 32 types differ. */
export function typeClasses(index) {
  return [`colour-${index % COLOURS}`, `border-${(index + Math.floor(index / COLOURS)) % BORDERS}`];
}

export class SentenceView {
  constructor(element) {
    this.element = element;
    this.words = [];
  }

  /** Whether the sentence runs from right to left. */
  get rtl() {
    return getComputedStyle(this.element).direction === "rtl";
  }

  /** The index of the word at a node, or undefined. */
  static wordOf(node) {
    const index = node?.closest?.("[data-word]")?.dataset.word;
    return index === undefined ? undefined : Number(index);
  }

  /** Builds the words and spans of a state. */
  draw(state, types) {
    this.words = state.words.map((word, index) => this.option(word, index, state));
    const parts = [];
    for (let at = 0; at < state.words.length; ) {
      const span = spanAt(state.spans, at);
      const end = span ? span.end : at + 1;
      if (at > 0 && this.spaced(state.words, at)) parts.push(" ");
      parts.push(span ? this.group(span, state.words, types) : this.words[at]);
      at = end;
    }
    this.element.replaceChildren(...parts);
    this.mark(state);
  }

  /** Updates cursor and selection. */
  mark(state) {
    const selected = selection(state);
    this.words.forEach((word, index) => {
      const inside = selected !== null && selected.start <= index && index < selected.end;
      word.setAttribute("aria-selected", String(inside));
      word.tabIndex = index === state.cursor ? 0 : -1;
      word.classList.toggle("cursor", index === state.cursor);
    });
  }

  /** Moves the focus to the cursor. */
  focus(state) {
    this.words[state.cursor]?.focus();
  }

  spaced(words, at) {
    return !CLOSING.test(words[at]) && !OPENING.test(words[at - 1]);
  }

  option(word, index, state) {
    const option = document.createElement("span");
    option.setAttribute("role", "option");
    option.className = "word";
    option.dataset.word = index;
    option.textContent = word;
    const span = spanAt(state.spans, index);
    if (span) {
      const place = span.end - span.start > 1 ? `, ${index - span.start + 1} of ${span.end - span.start}` : "";
      option.setAttribute("aria-label", `${word} (${span.type}${place})`);
    }
    return option;
  }

  group(span, words, types) {
    const group = document.createElement("span");
    group.setAttribute("role", "group");
    group.className = "entity";
    group.classList.add(...typeClasses(types.indexOf(span.type)));
    const sure = span.confidence === undefined || span.confidence === null ? "" : percent(span.confidence);
    group.setAttribute("aria-label", sure ? `${span.type}, proposed, ${sure} sure` : span.type);
    for (let at = span.start; at < span.end; at++) {
      if (at > span.start && this.spaced(words, at)) group.append(" ");
      group.append(this.words[at]);
    }
    group.append(this.label(span, sure));
    return group;
  }

  label(span, sure) {
    const label = document.createElement("span");
    label.className = "label";
    label.setAttribute("aria-hidden", "true");
    // With a direction of its own it is isolated, and does not count for the direction of the sentence.
    label.dir = "auto";
    label.dataset.word = span.end - 1;
    label.textContent = span.type;
    if (sure) {
      const share = document.createElement("span");
      share.className = "sure";
      share.textContent = ` ${sure}`;
      label.append(share);
    }
    return label;
  }
}
