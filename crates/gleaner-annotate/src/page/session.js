// One annotator at work: the sentence on screen, those that come next, and the answers on their way to the server.
//
// Nothing here draws: `on` gets {shown(line), edited(changed), progressed(progress), connected(waiting, problem), said(line),
// failed(line), locked()}.

import * as editor from "./editor.js";
import { Queue } from "./queue.js";
import { Away, Locked, Refused } from "./server.js";
import { Values } from "./storage.js";

// Sentences at hand, for the time when the server is away: at least LOW and at most AHEAD, as far as there are any.
const AHEAD = 12;
const LOW = 8;
// Milliseconds between looks at the progress, and between tries to reach a server that is away.
const LOOK = 15_000;
const RETRY = 3_000;

export class Session {
  constructor(server, storage, project, annotator, on) {
    this.server = server;
    this.project = project;
    this.annotator = annotator;
    this.on = on;
    this.values = new Values(storage, project.name);
    this.queue = new Queue(storage, project.name, (body) => this.ask(() => server.answer(body)), {
      confirmed: (_, reply) => this.reached(reply.progress),
      waiting: (error) => this.lost(error),
      refused: (entry, error) => {
        this.reopen(entry.sentence);
        on.failed(`The server refused this answer: ${error.message}`);
      },
      unkept: () => on.failed("This browser has no room for answers: keep this page open until all are saved"),
    });
    this.sentence = null;
    this.state = null;
    this.ahead = [];
    // Answers of this page, for an undo without the server.
    this.answered = [];
    this.problem = null;
    // Whether the server had no further sentence at the last look.
    this.done = false;
    this.filling = null;
    this.busy = false;
  }

  /** Sends what an earlier page has left, and shows the first sentence. */
  async start() {
    this.queue.flush();
    await this.fill();
    // Nothing came: the page says why.
    if (this.sentence === null) this.next();
    await this.look();
  }

  /** The progress, again and again; this is also how a server that was away is found again. */
  async look() {
    clearTimeout(this.timer);
    const progress = await this.reach(() => this.server.progress(this.annotator));
    if (progress) this.reached(progress);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), this.problem === null ? LOOK : RETRY);
  }

  /** The server has replied. */
  reached(progress) {
    const away = this.problem !== null;
    this.problem = null;
    this.on.progressed(progress);
    this.on.connected(this.queue.length, null);
    if (away) this.queue.flush();
    if (this.ahead.length < LOW && (away || !this.done)) this.fill();
  }

  /** The server did not reply, or not with an answer. */
  lost(error) {
    const first = this.problem === null;
    this.problem = error.message;
    this.on.connected(this.queue.length, this.problem);
    if (error instanceof Locked) this.on.locked();
    else if (first) this.look();
  }

  /**
   * The reply to a request, if the project of this page is still at its address: another one may be opened there at any
   * time, and must not get answers that are not its own.
   */
  async ask(request) {
    const { name, types } = await this.server.project().catch((error) => {
      throw error instanceof Refused ? new Away("Another program is at this address") : error;
    });
    if (name === this.project.name && String(types) === String(this.project.types)) return request();
    throw new Away(`The project ${name} is at this address; open ${this.project.name} again`);
  }

  /** The reply to a request, or undefined if there is none. */
  async reach(request) {
    try {
      return await this.ask(request);
    } catch (error) {
      if (error instanceof Refused) this.on.failed(error.message);
      else this.lost(error);
      return undefined;
    }
  }

  known() {
    const waiting = this.queue.entries().filter((entry) => entry.annotator === this.annotator);
    return [this.sentence, ...this.ahead, ...waiting].filter((each) => each !== null).map((each) => each.id);
  }

  /** Gets more sentences, and shows one if none is on screen. Calls at the same time share one request. */
  fill() {
    this.filling ??= this.more().finally(() => {
      this.filling = null;
    });
    return this.filling;
  }

  async more() {
    const before = this.known();
    const reply = await this.reach(async () => ({
      current: this.sentence === null ? await this.current() : null,
      sentences: await this.server.next(this.annotator, AHEAD - this.ahead.length, before),
    }));
    if (reply === undefined) return;
    const { current, sentences } = reply;
    const known = [...before, ...this.known()];
    this.ahead.push(...sentences.filter((each) => !known.includes(each.id)));
    this.done = sentences.length === 0;
    if (this.sentence === null) this.resume(current);
  }

  /** The sentence that this annotator was changing last, with its spans; null if it is answered. */
  draft() {
    const draft = this.values.get("draft");
    return draft?.annotator === this.annotator && draft.sentence ? draft : null;
  }

  /**
   * The sentence of the draft as the server has it now; null without a draft. One that was answered elsewhere
   * meanwhile, or that has other words now, is forgotten: it must not replace that answer.
   */
  async current() {
    const draft = this.draft();
    if (draft === null) return null;
    const { sentence } = draft;
    // Shown again to replace an answer, which the server may have.
    if (sentence.again) return sentence;
    const now = await this.server.sentence(this.annotator, sentence.id);
    if (now !== null && JSON.stringify(now.words) === JSON.stringify(sentence.words)) return now;
    this.values.remove("draft");
    return null;
  }

  /** Shows the next sentence: the one that an earlier visit was changing, wherever the server has it by now. */
  resume(current) {
    if (current !== null) this.ahead = [current, ...this.ahead.filter((each) => each.id !== current.id)];
    this.next();
  }

  next() {
    const sentence = this.ahead.shift() ?? null;
    const draft = this.draft();
    if (sentence !== null && draft?.sentence.id === sentence.id) this.show(sentence, draft.spans, "Your changes of an earlier visit are back");
    else this.show(sentence, sentence?.spans);
    if (this.ahead.length < LOW && !this.done) this.fill();
  }

  show(sentence, spans, line = "") {
    this.sentence = sentence;
    this.state = sentence && editor.open(sentence, spans);
    this.on.shown(line);
  }

  /** Replaces the state by an edited one. */
  edit(state, said = "") {
    const changed = state.spans !== this.state.spans;
    this.state = state;
    if (changed) this.values.set("draft", { annotator: this.annotator, sentence: this.sentence, spans: state.spans });
    this.on.edited(changed);
    if (said) this.on.said(said);
  }

  /** Answers the sentence: "accept", "skip" or "reject". */
  answer(action) {
    if (this.sentence === null || this.busy) return;
    const { annotator, sentence, state } = this;
    const shown = { ...sentence, spans: state.spans };
    const entry = { annotator, id: sentence.id, action, spans: editor.answer(state), sentence: shown };
    this.answered.push(entry);
    this.values.remove("draft");
    this.queue.add(entry);
    this.on.connected(this.queue.length, this.problem);
    this.next();
  }

  /** Takes back the latest answer and shows its sentence. */
  async undo() {
    if (this.busy) return;
    this.busy = true;
    try {
      if (this.queue.length > 0) await this.queue.flush();
      const waiting = this.queue.takeBack(this.annotator);
      if (waiting) {
        this.reopen({ ...waiting.sentence, again: true });
        this.on.connected(this.queue.length, this.problem);
        return;
      }
      const reply = await this.ask(() => this.server.undo(this.annotator));
      if (reply.sentence) this.reopen(reply.sentence);
      else this.on.said("There is no answer to undo");
      this.reached(reply.progress);
    } catch (error) {
      this.undoAway(error);
    } finally {
      this.busy = false;
    }
  }

  // The next answer to a sentence replaces the one before, so showing it again is enough.
  undoAway(error) {
    if (error instanceof Refused) return this.on.failed(error.message);
    const last = this.answered.at(-1);
    if (error instanceof Away && last) this.reopen({ ...last.sentence, again: true });
    else this.on.said("Undo needs the server");
    this.lost(error);
  }

  /** Shows a sentence that was answered. The one on screen comes after it. */
  reopen(sentence) {
    this.answered = this.answered.filter((entry) => entry.id !== sentence.id);
    const now = this.sentence;
    const next = now && now.id !== sentence.id ? [{ ...now, spans: this.state.spans }] : [];
    this.ahead = [...next, ...this.ahead.filter((each) => each.id !== sentence.id)];
    this.show(sentence, sentence.spans, "Back to this sentence: answer it again");
  }
}
