// Which command a key press means.

const COMMANDS = {
  Enter: { name: "accept" },
  s: { name: "skip" },
  r: { name: "reject" },
  u: { name: "undo" },
  t: { name: "take" },
  "?": { name: "help" },
  "؟": { name: "help" },
  Escape: { name: "deselect" },
  Delete: { name: "remove" },
  Backspace: { name: "remove" },
  "[": { name: "shift", side: "end", by: -1 },
  "]": { name: "shift", side: "end", by: 1 },
  "{": { name: "shift", side: "start", by: -1 },
  "}": { name: "shift", side: "start", by: 1 },
  Home: { name: "first" },
  End: { name: "last" },
  ArrowUp: { name: "span", by: -1 },
  ArrowDown: { name: "span", by: 1 },
};

// A key that is held down must not answer several sentences.
const ONCE = ["accept", "skip", "reject", "undo"];

// The letters of keys by their place, for layouts of other scripts.
const PLACES = { KeyS: "s", KeyR: "r", KeyU: "u", KeyT: "t", BracketLeft: "[", BracketRight: "]" };
const SHIFTED = { "[": "{", "]": "}" };

/** The key as COMMANDS names it. */
function named(event) {
  const { key, code = "", shiftKey } = event;
  if (Object.hasOwn(COMMANDS, key) || /^[1-9]$/.test(key)) return key;
  if (/^[A-Z]$/.test(key)) return key.toLowerCase();
  // The row of digits types other digits in many scripts, and signs on a French keyboard.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  if (digit) return digit[1];
  const otherScript = [...key].length === 1 && /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
  const place = otherScript ? PLACES[code] : undefined;
  return (shiftKey && SHIFTED[place]) || (place ?? key);
}

/**
 * The command of a keydown event, or null: {name, …} with `by` for moves (1 is towards the end of the sentence), `side` for
 * borders, `index` (from 0) for types, `extend` for moves with Shift. `rtl`: the sentence runs from right to left.
 */
export function commandOf(event, rtl = false) {
  const key = named(event);
  // With Ctrl, Alt or Meta a key is the browser's. But on many layouts a bracket is typed with Alt, or with AltGr, which is
  // Ctrl and Alt on some systems.
  const bracket = event.altKey && "[]{}".includes(event.key);
  if (event.isComposing || event.metaKey || ((event.ctrlKey || event.altKey) && !bracket)) return null;
  if (/^[1-9]$/.test(key)) return { name: "type", index: Number(key) - 1 };
  if (key === "ArrowRight" || key === "ArrowLeft") {
    const forward = (key === "ArrowRight") !== rtl;
    return { name: "move", by: forward ? 1 : -1, extend: event.shiftKey };
  }
  const command = Object.hasOwn(COMMANDS, key) ? COMMANDS[key] : null;
  if (command && event.repeat && ONCE.includes(command.name)) return { name: "nothing" };
  return ["first", "last"].includes(command?.name) ? { ...command, extend: event.shiftKey } : command;
}
