"""Labelled sentences as Python lists, and the program under test."""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
GLEANER = os.environ.get("GLEANER", str(TARGET / "release" / "gleaner"))

# Words that formats, tools and programming languages are known to damage, as `word/tag`. Letters outside of ASCII are
# escaped, because editors show right-to-left letters in another order. Other backslashes are meant literally.
HARD = r"""
\U0001f980/O Anna/B-PER \U0001f469\u200d\U0001f680/I-PER in/O K\u00f6ln/B-LOC \U0001f1eb\U0001f1f4/O
\u05d3\u05d5\u05d3/B-PER \u05d1\u05b6\u05bc\u05df\u05be\u05d2\u05bc\u05d5\u05bc\u05e8\u05b4\u05d9\u05d5\u05b9\u05df/I-PER \u05d1\u05d9\u05e8\u05d5\u05e9\u05dc\u05d9\u05dd/B-LOC ./O
\u0645\u062d\u0645\u062f/B-PER \u0641\u064a/O \u0627\u0644\u0642\u0627\u0647\u0631\u0629\u200f/B-LOC \U0001f54c/O 2024/O
Jose\u0301/B-PER a\u0300/O \u0907\u0902\u0926\u094c\u0930/B-LOC \u6771\u4eac/B-LOC \U00020bb7\u91ce\u5bb6/B-ORG
"/O '/O ,/O ;/O \/O \n/O \t/O #/O _/O */O [1]/O |/O ->/O =/O {/O }/O </O &amp;/O %/O $/O ``/O ''/O
NA/O null/O None/O nan/O true/O 007/B-MISC 1.50/O 1e5/O -1/O 1-1/O 0-4/O T1/O O/O B-PER/O =1+1/O
A/B-PER B/B-PER C/B-PER D/I-PER E/B-WORK_OF_ART F/I-WORK_OF_ART G/B-GPE-LOC
#/B-ORG Text=/O
Oslo/B-LOC
no/O names/O here/O
"""


def hard():
    """The sentences of `HARD`."""
    text = re.sub(r"\\u(\w{4})|\\U(\w{8})", lambda match: chr(int(match[1] or match[2], 16)), HARD.strip())
    pairs = [[cell.rsplit("/", 1) for cell in line.split(" ")] for line in text.split("\n")]
    return [([word for word, _ in line], [tag for _, tag in line]) for line in pairs]


def read_conll(path):
    """The words and tags of each sentence of a file with two columns."""
    blocks = path.read_text("utf-8").strip("\n").split("\n\n")
    rows = [[line.split("\t") for line in block.split("\n")] for block in blocks]
    return [([word for word, _ in block], [tag for _, tag in block]) for block in rows]


def write_conll(path, sentences):
    rows = ["".join(f"{word}\t{tag}\n" for word, tag in zip(*sentence)) + "\n" for sentence in sentences]
    path.write_text("".join(rows), "utf-8")


def entities(tags):
    """The first word, the word after the last one, and the type of each entity of IOB2 tags."""
    found = []
    for at, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append([at, at + 1, tag[2:]])
        elif tag.startswith("I-"):
            found[-1][1] = at + 1
    return [tuple(entity) for entity in found]


def text_of(words):
    """The text that Gleaner writes for words."""
    return " ".join(words)


def utf16(text):
    """Number of UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def places(words, length=len):
    """The start and end of each word in the text."""
    ends = [length(text_of(words[: at + 1])) for at in range(len(words))]
    return [(end - length(word), end) for word, end in zip(words, ends)]


def spans(words, tags, length=len):
    """The start, end and type of each entity in the text."""
    place = places(words, length)
    return [(place[first][0], place[end - 1][1], name) for first, end, name in entities(tags)]


def counts(sentences):
    return f"{len(sentences)} sentences, {sum(len(entities(tags)) for _, tags in sentences)} entities"


def equal(found, expected, what):
    """Stops at the first difference of two lists."""
    found, expected = list(found), list(expected)
    for at, (one, other) in enumerate(zip(found, expected)):
        if one != other:
            raise SystemExit(f"{what}: item {at + 1} is\n  {one!r}, expected\n  {other!r}")
    if len(found) != len(expected):
        raise SystemExit(f"{what}: {len(found)} items, expected {len(expected)}")


def convert(source, target, *options):
    """Runs `gleaner data convert`."""
    command = [GLEANER, "data", "convert", str(source), str(target), *options]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{ran.stderr.strip()}")
    return target


def read(source, *options):
    """The sentences that Gleaner reads from a file."""
    target = source.with_name(source.name + ".read.jsonl")
    target.unlink(missing_ok=True)
    convert(source, target, "--to", "jsonl", *options)
    rows = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    return [(row["tokens"], row["tags"]) for row in rows]


def check_read(source, sentences, *options):
    """Checks that Gleaner reads these sentences from a file of another tool."""
    equal(read(source, *options), sentences, f"Gleaner on {source.name}")


if __name__ == "__main__":
    write_conll(pathlib.Path(sys.argv[1]), hard())
