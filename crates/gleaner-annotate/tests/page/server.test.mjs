import assert from "node:assert/strict";
import test from "node:test";

import { Away, Locked, Refused, Server } from "../../src/page/server.js";

/** A server that replies with a status and a body, and the requests that it got. */
function replying(status, body, token = "") {
  const seen = [];
  const server = new Server(() => token, async (path, options) => {
    seen.push({ path, ...options });
    return new Response(body, { status });
  });
  return { server, seen };
}

test("requests are addressed as the contract says", async () => {
  const { server, seen } = replying(200, '{"sentences": []}', "s3cret");
  assert.deepEqual(await server.next("Ætla &+", 5, [1, 22]), []);
  const asked = new URL(seen[0].path, "http://localhost/");
  assert.equal(asked.pathname, "/api/next");
  assert.deepEqual(Object.fromEntries(asked.searchParams), { annotator: "Ætla &+", take: "5", after: "1,22" });
  assert.equal(seen[0].headers.authorization, "Bearer s3cret");
  await server.undo("a");
  assert.deepEqual([seen[1].method, seen[1].path, seen[1].body], ["POST", "api/undo", '{"annotator":"a"}']);
});

test("one sentence is asked for by its number", async () => {
  const { server, seen } = replying(200, '{"sentence": null}');
  assert.equal(await server.sentence("a", 7), null);
  assert.equal(seen[0].path, "api/sentence?annotator=a&id=7");
});

test("only a reply that says that the request is wrong counts as a refusal", async () => {
  for (const [status, kind] of [[400, Refused], [404, Refused], [401, Locked], [403, Away], [429, Away], [500, Away], [503, Away]]) {
    const { server } = replying(status, '{"error": "one line"}');
    await assert.rejects(server.project(), (error) => error.constructor === kind && error.message === "one line");
  }
});

test("a server that is away, and replies that are not JSON, have a line for people", async () => {
  const gone = new Server(() => "", () => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(gone.project(), { message: "The server does not answer" });
  await assert.rejects(replying(502, "<html>").server.project(), { message: "The server answered with status 502" });
});

test("a reply that breaks off is none: the request may be repeated", async () => {
  for (const call of [(server) => server.next("a", 5, []), (server) => server.answer({})]) {
    const { server } = replying(200, '{"sentences": [');
    await assert.rejects(call(server), (error) => error instanceof Away && error.message === "The reply of the server broke off");
  }
});
