// Requests to the server that sent this page.

const PATIENCE = 10_000;
// A request that failed with another status may succeed later.
const REFUSALS = [400, 404, 409, 413, 422];

/** The server does not answer, or cannot at the moment: the request may be repeated. */
export class Away extends Error {}

/** The server wants an access token. */
export class Locked extends Error {}

/** The server answered that the request is wrong: repeating it is of no use. */
export class Refused extends Error {}

/** The requests of the page. `token` is a function that returns the access token, or an empty string. */
export class Server {
  constructor(token = () => "", request = (...all) => fetch(...all)) {
    this.token = token;
    this.request = request;
  }

  project() {
    return this.call("api/project");
  }

  /** The next sentences, without those in `known`. */
  next(annotator, take, known) {
    const query = new URLSearchParams({ annotator, take, after: known.join(",") });
    return this.call(`api/next?${query}`).then((reply) => reply.sentences);
  }

  /** A sentence, or null if the annotator has nothing left to answer in it. */
  sentence(annotator, id) {
    return this.call(`api/sentence?${new URLSearchParams({ annotator, id })}`).then((reply) => reply.sentence);
  }

  progress(annotator) {
    return this.call(`api/progress?${new URLSearchParams({ annotator })}`);
  }

  answer(body) {
    return this.call("api/answers", body);
  }

  undo(annotator) {
    return this.call("api/undo", { annotator });
  }

  /** GET, or POST with a body. Throws one of the errors above, with a line for people. */
  async call(path, body) {
    const headers = { accept: "application/json" };
    if (this.token()) headers.authorization = `Bearer ${this.token()}`;
    if (body) headers["content-type"] = "application/json";
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    let response, reply;
    try {
      response = await this.request(path, {
        method: body ? "POST" : "GET",
        headers,
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: stop.signal,
      });
      reply = await response.json().catch(() => null);
    } catch {
      throw new Away("The server does not answer");
    } finally {
      clearTimeout(timer);
    }
    if (response.ok && reply !== null) return reply;
    if (response.ok) throw new Away("The reply of the server broke off");
    const line = reply?.error ?? `The server answered with status ${response.status}`;
    if (response.status === 401) throw new Locked(line);
    if (REFUSALS.includes(response.status)) throw new Refused(line);
    throw new Away(line);
  }
}
