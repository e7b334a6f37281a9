"""Labelled text in columns, the program's predictions, and entities."""

import os
import pathlib
import subprocess

GLEANER = os.environ["GLEANER"]


def sentences(lines):
    """The rows of each sentence of CoNLL text."""
    rows = []
    for line in lines:
        if line.strip():
            rows.append(line.rstrip("\n").replace(" ", "\t").split("\t"))
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def read(path):
    """The words of each sentence of a file whose first column has them."""
    with open(path, encoding="utf-8") as file:
        return [[row[0] for row in rows] for rows in sentences(file)]


def gleaner(*arguments):
    """The output of the program."""
    done = subprocess.run([GLEANER, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise SystemExit(f"gleaner {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def predicted(model, path):
    """The words and tags of each sentence of a file, as `gleaner predict` labels it."""
    lines = gleaner("predict", model, path, "--format", "conll").splitlines()
    return [([row[0] for row in rows], [row[-1] for row in rows]) for rows in sentences(lines)]


def entities(tags):
    """The entities of IOB2 tags: type, first word, end."""
    found = []
    for word, tag in enumerate(tags):
        kind = tag[2:]
        if tag.startswith("B-"):
            found.append((kind, word, word + 1))
        elif tag.startswith("I-"):
            assert found and found[-1][0] == kind and found[-1][2] == word, tags
            found[-1] = (kind, found[-1][1], word + 1)
    return found


def export(model, form, out):
    """Exports a tagger, unless that is done."""
    if not pathlib.Path(out).exists():
        gleaner("export", model, "--to", form, "--out", out)
    return out
