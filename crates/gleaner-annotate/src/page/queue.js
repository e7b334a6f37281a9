// Answers that the server has not confirmed yet. They are kept in the browser's storage, and outlive the page.
//
// Each answer has its own key, so that two tabs of one browser never overwrite each other's answers. An entry is
// {annotator, id, action, spans, sentence}: with `sentence` the page can show it again.

import { Refused } from "./server.js";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

/** One tab at a time, so that no tab sends an old answer after another tab sent a newer one. */
function inTurn(name, run) {
  return globalThis.navigator?.locks ? navigator.locks.request(name, run) : run();
}

export class Queue {
  /**
   * `storage`: localStorage, or an object with its methods. `scope`: the name of the project, since projects may share an
   * address. `send`: sends one answer and returns the reply. `events`: {confirmed(entry, reply), waiting(error),
   * refused(entry, error), unkept()}.
   */
  constructor(storage, scope, send, events, tab = Math.random().toString(36).slice(2, 8)) {
    this.storage = storage;
    this.prefix = `gleaner-annotate/${scope}/answer/`;
    this.send = send;
    this.events = events;
    this.tab = tab;
    // Answers that the storage did not take.
    this.memory = new Map();
    // Keys of answers that may have reached the server, and of those that were taken back after that.
    this.tried = new Set();
    this.taken = new Set();
    this.sending = null;
    this.wait = 0;
    this.timer = null;
  }

  /** The keys of the waiting answers, the oldest first. */
  keys() {
    const stored = [];
    for (let at = 0; at < this.storage.length; at++) {
      const key = this.storage.key(at);
      if (key.startsWith(this.prefix)) stored.push(key);
    }
    return [...stored, ...this.memory.keys()].sort();
  }

  /** The answer of a key, or null if another tab has sent it. */
  get(key) {
    return this.memory.get(key) ?? JSON.parse(this.storage.getItem(key));
  }

  entries() {
    return this.keys().map((key) => this.get(key)).filter((entry) => entry !== null);
  }

  get length() {
    return this.keys().length;
  }

  /** Keeps an answer, then begins to send. */
  add(entry) {
    const last = this.keys().at(-1);
    const number = last ? Number(last.slice(this.prefix.length).split("-")[0]) + 1 : 0;
    const key = `${this.prefix}${String(number).padStart(9, "0")}-${this.tab}`;
    try {
      this.storage.setItem(key, JSON.stringify(entry));
    } catch {
      this.memory.set(key, entry);
      this.events.unkept();
    }
    this.flush();
  }

  /**
   * Takes the newest answer of an annotator back and returns it, or null if none waits. An answer that may have reached the
   * server is sent all the same: the next answer to that sentence replaces it.
   */
  takeBack(annotator) {
    const key = this.keys().findLast((each) => !this.taken.has(each) && this.get(each)?.annotator === annotator);
    const entry = key === undefined ? null : this.get(key);
    if (entry && this.tried.has(key)) this.taken.add(key);
    else if (entry) this.drop(key);
    return entry;
  }

  drop(key) {
    this.memory.delete(key);
    this.storage.removeItem(key);
  }

  /** Sends the waiting answers in order, until one cannot be sent. Ends when that run ends. */
  flush() {
    clearTimeout(this.timer);
    this.sending ??= inTurn(this.prefix, () => this.run()).finally(() => {
      this.sending = null;
      // An answer that was added after the last look of the run.
      if (this.wait === 0 && this.length > 0) this.flush();
    });
    return this.sending;
  }

  async run() {
    for (let key = this.keys()[0]; key !== undefined; key = this.keys()[0]) {
      const entry = this.get(key);
      if (entry === null) continue;
      this.tried.add(key);
      try {
        const { annotator, id, action, spans } = entry;
        const reply = await this.send({ annotator, id, action, spans });
        this.wait = 0;
        this.drop(key);
        this.events.confirmed(entry, reply);
      } catch (error) {
        if (error instanceof Refused) {
          this.drop(key);
          this.events.refused(entry, error);
        } else {
          this.wait = Math.min(LONGEST_WAIT, this.wait * 2 || FIRST_WAIT);
          this.timer = setTimeout(() => this.flush(), this.wait);
          this.events.waiting(error);
          return;
        }
      }
    }
  }
}
