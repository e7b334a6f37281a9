// The page: joins the session with the elements of index.html. All text enters as text, never as markup.

import { drawCurve } from "./curve.js";
import * as editor from "./editor.js";
import { drawGuidelines } from "./guidelines.js";
import { commandOf } from "./keys.js";
import { watchPointer } from "./pointer.js";
import { SentenceView, typeClasses } from "./sentence.js";
import { Away, Locked, Server } from "./server.js";
import { Session } from "./session.js";
import { openStorage, Values } from "./storage.js";
import { connection, count, progressLines, readAloud, reason, suggestion } from "./texts.js";

const NAMED_TYPES = 9;
const RETRY = 2_000;

const at = (id) => document.getElementById(id);
const { storage, lasting } = openStorage();
const own = new Values(storage, location.host);
const server = new Server(() => own.get("token") ?? "");
const view = new SentenceView(at("sentence"));
let project, session;

function made(name, content, ...classes) {
  const node = document.createElement(name);
  node.textContent = content;
  node.classList.add(...classes);
  return node;
}

/** Shows a line below the sentence and reads it aloud. */
function say(line, aloud = line) {
  at("message").textContent = line;
  at("spoken").textContent = aloud;
}

function fail(line) {
  at("alert").textContent = line;
  at("alert").hidden = line === "";
}

/** Asks for one line of text. It cannot be left empty. */
function ask(label, why, type = "text") {
  const dialog = at("ask");
  at("ask-label").textContent = label;
  at("ask-why").textContent = why;
  at("ask-value").type = type;
  at("ask-value").value = "";
  dialog.oncancel = (event) => event.preventDefault();
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const value = at("ask-value").value.trim();
      resolve(value === "" ? ask(label, why, type) : value);
    };
  });
}

let asking = null;
/** Asks for the access token once, however many requests were refused. */
function askToken() {
  asking ??= ask("Access token", "This server is protected. The person who runs it has the token.", "password").then((token) => {
    own.set("token", token);
    asking = null;
  });
  return asking;
}

async function openProject() {
  for (;;) {
    try {
      const found = await server.project();
      fail("");
      return found;
    } catch (error) {
      if (error instanceof Locked) await askToken();
      else {
        fail(error instanceof Away ? "The server does not answer. Trying again …" : error.message);
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  }
}

/** The annotator: from the address (`?annotator=NAME`), from an earlier visit, or asked for. */
async function askAnnotator() {
  const given = new URLSearchParams(location.search).get("annotator")?.trim();
  const name = given || own.get("annotator") || (await ask("Your name", "Your answers are saved under this name."));
  own.set("annotator", name);
  return name;
}

function drawProject() {
  document.title = `${project.name} – Gleaner`;
  at("project").textContent = project.name;
  at("sentence").dir = project.direction;
  drawGuidelines(at("guidelines"), project.guidelines);
  at("guidelines-box").hidden = project.guidelines.trim() === "";
  if (project.mode === "audit") at("accept").firstElementChild.textContent = "Confirm";
  at("types").replaceChildren(
    ...project.types.map((type, index) => {
      const button = made("button", `${type} `, "type", ...typeClasses(index));
      button.type = "button";
      button.dataset.command = "type";
      button.dataset.index = index;
      if (index < NAMED_TYPES) {
        button.append(made("kbd", String(index + 1)));
        button.setAttribute("aria-keyshortcuts", String(index + 1));
      }
      return button;
    }),
  );
  // Beside the sentence on a wide screen, closed below it on a narrow one.
  const wide = matchMedia("(min-width: 64rem)");
  const fit = () => ["guidelines-box", "progress-box"].forEach((id) => (at(id).open = wide.matches));
  wide.addEventListener("change", fit);
  fit();
}

function drawTools() {
  const entity = session.state && editor.current(session.state);
  for (const button of document.querySelectorAll(".borders button")) button.disabled = !entity;
  for (const button of document.querySelectorAll(".types button")) {
    button.setAttribute("aria-pressed", String(entity?.type === project.types[button.dataset.index]));
  }
}

const on = {
  shown(line) {
    const { sentence, state } = session;
    const none = sentence === null;
    at("work").hidden = none;
    at("tools").hidden = false;
    at("tools").classList.toggle("resting", none);
    at("empty").hidden = !none;
    fail("");
    if (none) {
      this.empty();
      at("empty-title").focus();
      return;
    }
    at("title").textContent = `Sentence ${sentence.id + 1}`;
    const why = reason(sentence);
    at("why").textContent = why;
    at("why").hidden = why === "";
    at("why").classList.toggle("held-out", sentence.held_out);
    const notes = sentence.notes ?? [];
    at("notes").hidden = notes.length === 0;
    at("notes").replaceChildren(...notes.map((note) => made("li", note)));
    const suggested = sentence.suggested ?? null;
    at("suggestion").hidden = suggested === null;
    if (suggested !== null) at("suggested").textContent = suggestion(state, suggested);
    view.draw(state, project.types);
    view.focus(state);
    // The buttons for borders lie as the words do.
    at("borders").dir = view.rtl ? "rtl" : "ltr";
    drawTools();
    say(line, `${line} ${readAloud(state, sentence)}`.trim());
  },

  empty() {
    const away = session.problem !== null;
    at("empty-title").textContent = away ? "No sentence at hand" : "All sentences are answered";
    at("empty-text").textContent = away
      ? "The next sentences come as soon as the server answers."
      : "Thank you. There is nothing left to annotate at the moment.";
  },

  edited(changed) {
    if (changed) view.draw(session.state, project.types);
    else view.mark(session.state);
    view.focus(session.state);
    drawTools();
  },

  progressed(progress) {
    const { answered, sentences, scores } = progress;
    at("bar").max = Math.max(1, sentences);
    at("bar").value = answered;
    at("done").textContent = `${answered} of ${count(sentences, "sentence")}`;
    const lines = progressLines(progress).flatMap(([name, value]) => [made("dt", name), made("dd", value)]);
    at("progress").replaceChildren(...lines);
    drawCurve(at("curve"), scores);
  },

  connected(waiting, problem) {
    const line = connection(waiting, problem);
    const state = problem !== null ? "away" : waiting > 0 ? "saving" : "saved";
    const before = at("connection").dataset.state;
    at("connection").textContent = line;
    at("connection").dataset.state = state;
    // Losing and finding the server is announced, but not every saved answer.
    if (before !== undefined && (before === "away") !== (state === "away")) at("spoken").textContent = line;
    if (session.sentence === null && !at("empty").hidden) this.empty();
  },

  said: (line) => say(line),
  failed: fail,

  async locked() {
    await askToken();
    session.look();
  },
};

const commands = {
  accept: () => session.answer("accept"),
  skip: () => session.answer("skip"),
  reject: () => session.answer("reject"),
  undo: () => session.undo(),
  look: () => session.fill(),
  help: () => at("help").showModal(),
  nothing() {},

  async who() {
    own.remove("annotator");
    own.set("annotator", await ask("Your name", "Answers that wait are still saved under the name of before."));
    location.assign(location.pathname);
  },
};

// Those that change the sentence: from a state to {state, said}.
const edits = {
  move: (state, { by, extend }) => ({ state: editor.move(state, by, extend) }),
  first: (state, { extend }) => ({ state: editor.moveTo(state, 0, extend) }),
  last: (state, { extend }) => ({ state: editor.moveTo(state, state.words.length - 1, extend) }),
  span: (state, { by }) => ({ state: editor.moveToSpan(state, by) }),
  deselect: (state) => ({ state: editor.deselect(state) }),
  remove: (state) => editor.remove(state),
  take: (state) => editor.take(state, session.sentence.suggested ?? null),
  shift: (state, { side, by }) => editor.shift(state, side, by),
  type: (state, { index }) => (index < project.types.length ? editor.setType(state, project.types[index]) : { state }),
};

function carryOut(command) {
  if (command.name in commands) return commands[command.name]();
  if (!session.state) return undefined;
  const { state, said } = edits[command.name](session.state, command);
  return session.edit(state, said);
}

function listen() {
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (document.querySelector("dialog[open]") || target.closest("input")) return;
    // Enter and Space press the button that has the focus.
    if (target.closest("button, summary") && ["Enter", " "].includes(event.key)) return;
    const command = commandOf(event, view.rtl);
    if (command === null) return;
    event.preventDefault();
    carryOut(command);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-command]");
    if (!button) return;
    const { command, side, by, index } = button.dataset;
    carryOut({ name: command, side, by: Number(by), index: Number(index) });
    // Back to the sentence, so that keys and buttons can be mixed.
    if (session.state && !document.querySelector("dialog[open]")) view.focus(session.state);
  });

  watchPointer(at("sentence"), {
    place: (word) => session.edit(editor.moveTo(session.state, word)),
    tap: (word) => session.edit(editor.tap(session.state, word)),
    extend: (word) => session.edit(editor.moveTo(session.state, word, true)),
    select: (from, to) => session.edit(editor.select(session.state, from, to)),
    cancel: () => session.edit(editor.deselect(session.state)),
  });

  window.addEventListener("online", () => session.look());
}

project = await openProject();
const annotator = await askAnnotator();
at("who").textContent = annotator;
at("who").setAttribute("aria-label", `Annotator ${annotator}: change`);
at("who").hidden = false;
session = new Session(server, storage, project, annotator, on);
drawProject();
listen();
await session.start();
if (!lasting) fail("This browser keeps nothing: keep this page open until all answers are saved");
