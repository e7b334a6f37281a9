#!/usr/bin/env python3
"""A small server with the interface of `gleaner annotate`, to work on its page without building the program.

stand_in.py --port PORT --folder FOLDER [--audit] TEXT...

Sentences and tags come from the texts (CoNLL). The proposals are these tags with some faults; no model is loaded, and scores
are invented. Answers are appended to FOLDER/journal.jsonl, so that they outlive the server.
"""

import argparse
import http.server
import json
import os
import pathlib
import threading
import urllib.parse

PAGE = pathlib.Path(__file__).resolve().parents[2] / "crates/gleaner-annotate/src/page"
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
TYPES = ["PER", "ORG", "LOC"]
GUIDELINES = pathlib.Path(__file__).with_name("guidelines.md").read_text("utf-8")
SCORES = [(10, 0.412, 0.3), (20, 0.534, 0.25), (30, 0.597, 0.2)]


def read(path):
    """Pairs of words and tags."""
    for block in pathlib.Path(path).read_text("utf-8").split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line]
        if rows:
            yield [row[0] for row in rows], [row[-1] for row in rows]


def spans_of(tags):
    found = []
    for at, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append({"start": at, "end": at + 1, "type": tag[2:]})
        elif tag.startswith("I-"):
            found[-1]["end"] = at + 1
    return found


def proposal(spans, number):
    """The spans as a middling model might propose them."""
    made = []
    for at, span in enumerate(spans):
        fault = (number + at) % 5
        confidence = round(0.98 - 0.07 * ((number * 7 + at * 3) % 8), 2)
        if fault == 1:
            continue
        span = dict(span, confidence=confidence)
        if fault == 2 and span["end"] - span["start"] > 1:
            span["start"] += 1
        if fault == 3:
            span["type"] = TYPES[(TYPES.index(span["type"]) + 1) % len(TYPES)]
        made.append(span)
    return made


class Project:
    def __init__(self, folder, texts, audit):
        self.audit = audit
        self.sentences = [pair for text in texts for pair in read(text)]
        self.journal = pathlib.Path(folder) / "journal.jsonl"
        self.lock = threading.Lock()
        self.count = 0
        self.answers = {}
        if self.journal.exists():
            for line in self.journal.read_text("utf-8").splitlines():
                self.apply(json.loads(line))

    def apply(self, line):
        self.count += 1
        stack = self.answers.setdefault(line["annotator"], [])
        if line["action"] == "undo":
            stack.pop()
        else:
            stack.append(line)

    def append(self, line):
        line = {"n": self.count, **line}
        with open(self.journal, "a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")
            out.flush()
            os.fsync(out.fileno())
        self.apply(line)

    def latest(self, annotator):
        return {line["id"]: line for line in self.answers.get(annotator, [])}

    def show(self, number):
        words, tags = self.sentences[number]
        held_out = number % 5 == 4 and not self.audit
        spans = [] if held_out else spans_of(tags) if self.audit else proposal(spans_of(tags), number)
        why = "doubtful tag" if self.audit else "random" if held_out else "least certain"
        notes = [f"Models trained on the other sentences disagree with {words[0]}"] if self.audit else []
        suggested = proposal(spans_of(tags), number) if self.audit else None
        about = {"held_out": held_out, "why": why, "notes": notes, "suggested": suggested}
        return {"id": number, "words": words, "spans": spans, **about}

    def next(self, annotator, take, known):
        answered = self.latest(annotator)
        left = [number for number in range(len(self.sentences)) if number not in answered and number not in known]
        return {"sentences": [self.show(number) for number in left[:take]]}

    def refusal(self, body):
        """What is wrong with an answer, or None."""
        if not isinstance(body.get("id"), int) or not 0 <= body["id"] < len(self.sentences):
            return "no such sentence"
        end = 0
        for span in body["spans"]:
            if span["type"] not in TYPES:
                return f"type `{span['type']}` is not in the project"
            if not end <= span["start"] < span["end"] <= len(self.sentences[body["id"]][0]):
                return "spans overlap or are out of range"
            end = span["end"]
        return None

    def answer(self, body):
        line = {key: body[key] for key in ("id", "annotator", "action", "spans")}
        stack = self.answers.get(body["annotator"], [])
        if not stack or {**line, "n": stack[-1]["n"]} != stack[-1]:
            self.append(line)
        return {"n": self.count - 1, "progress": self.progress(body["annotator"])}

    def undo(self, annotator):
        stack = self.answers.get(annotator, [])
        sentence = None
        if stack:
            sentence = {**self.show(stack[-1]["id"]), "spans": stack[-1]["spans"]}
            self.append({"annotator": annotator, "action": "undo"})
        return {"sentence": sentence, "progress": self.progress(annotator)}

    def progress(self, annotator):
        latest = self.latest(annotator).values()
        actions = [line["action"] for line in latest]
        scores = [
            {"model": str(at), "sentences": sentences, "f1": f1, "low": f1 - width / 2, "high": f1 + width / 2}
            for at, (sentences, f1, width) in enumerate(SCORES)
            if sentences <= len(actions)
        ]
        return {
            "sentences": len(self.sentences),
            "answered": len(actions),
            "skipped": actions.count("skip"),
            "rejected": actions.count("reject"),
            "entities": sum(len(line["spans"]) for line in latest if line["action"] == "accept"),
            "training": None,
            "scores": scores,
            "forecast": {"sentences": 100, "low": 2.0, "high": 5.0} if len(scores) > 1 else None,
            "agreement": None,
        }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def json(self, value, status=200):
        self.reply(status, "application/json", json.dumps(value).encode())

    def do_GET(self):
        project = self.server.project
        path, _, query = self.path.partition("?")
        asked = {key: values[0] for key, values in urllib.parse.parse_qs(query).items()}
        file = PAGE / (path.strip("/") or "index.html")
        with project.lock:
            if path == "/api/project":
                mode = "audit" if project.audit else "annotate"
                described = {"name": "Brakfontein archive", "types": TYPES, "guidelines": GUIDELINES}
                self.json({**described, "direction": "auto", "mode": mode})
            elif path == "/api/next":
                known = {int(number) for number in asked.get("after", "").split(",") if number}
                self.json(project.next(asked["annotator"], int(asked["take"]), known))
            elif path == "/api/sentence":
                number = int(asked["id"])
                is_open = number < len(project.sentences) and number not in project.latest(asked["annotator"])
                self.json({"sentence": project.show(number) if is_open else None})
            elif path == "/api/progress":
                self.json(project.progress(asked["annotator"]))
            elif file.parent == PAGE and file.suffix in KINDS and file.is_file():
                self.reply(200, KINDS[file.suffix], file.read_bytes())
            else:
                self.json({"error": "no such page"}, 404)

    def do_POST(self):
        project = self.server.project
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with project.lock:
            if self.path == "/api/undo":
                self.json(project.undo(body["annotator"]))
            elif self.path != "/api/answers":
                self.json({"error": "no such page"}, 404)
            elif refusal := project.refusal(body):
                self.json({"error": refusal}, 400)
            else:
                self.json(project.answer(body))

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--audit", action="store_true")
    parser.add_argument("texts", nargs="+")
    given = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.project = Project(given.folder, given.texts, given.audit)
    print(f"http://127.0.0.1:{given.port}/", flush=True)
    server.serve_forever()


main()
