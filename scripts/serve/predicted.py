"""What `gleaner predict` finds, to compare replies of the server with."""

import json
import os
import subprocess

# Emoji outside of the basic plane, sequences of several code points, combining marks, and right-to-left script.
TEXTS = [
    "😀 Jan woon in Brakpan.",
    "Niks 🦀🦀 nie.",
    "🇿🇦🇿🇦 Sannie de Beer (👩‍👩‍👧 familie) het vir Eskom in Pretoria gewerk.",
    "Pieter se me\u0301 in Kaapstad 😀 sê: «Anna kom.» 🎉",
    "שלום 😀 Johan Botha, Durban",
]


def predicted(model, text, unit):
    """The entities of a text as `(label, start, end)`, with offsets in a unit."""
    run = subprocess.run([os.environ["GLEANER"], "predict", model, "-", "--input", "jsonl", "--format", "jsonl"],
                         input=json.dumps({"text": text}), check=True, capture_output=True, text=True)
    spans = [(span["label"], span["start"], span["end"]) for span in json.loads(run.stdout)["spans"]]
    if unit == "scalar":
        return spans
    offset = lambda at: len(text[:at].encode("utf-16-le")) // 2
    return [(label, offset(start), offset(end)) for label, start, end in spans]


def slice_of(text, start, end, unit):
    """The text of a span."""
    if unit == "scalar":
        return text[start:end]
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def equal(found, expected, what):
    assert found == expected, f"{what}: {found} instead of {expected}"
