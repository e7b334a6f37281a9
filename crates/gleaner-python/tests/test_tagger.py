"""Labelling and scoring."""

import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import gleaner
import numpy
import pytest

SENTENCES = [["Anna", "woon", "in", "Brakfontein", "."], ["Dit", "reën", "."], []]
TEXT = (
    "\ufeff😀👩‍👩‍👧 Anna woon in Brakfontein. \U0001f980\u0301 "
    "Die burgemeester van Oudrif\r\nhet gister gepraat.\x0b"
)


def read(path: Path) -> tuple[list[list[str]], list[list[str]]]:
    """The words and the tags of a file of the sample."""
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    rows = [[line.split() for line in block.split("\n") if not line.startswith("#")] for block in blocks]
    return [[row[0] for row in block] for block in rows], [[row[-1] for row in block] for block in rows]


def command(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command of the package."""
    run = [sys.executable, "-m", "gleaner", *arguments]
    return subprocess.run(run, input=text, capture_output=True, encoding="utf-8", check=False)


def test_spans_slice_the_text(tagger: gleaner.Tagger) -> None:
    spans = tagger(TEXT)
    assert {span.text for span in spans} >= {"Brakfontein", "Oudrif"}
    for span in spans:
        assert TEXT[span.start : span.end] == span.text == span.text.strip()
        assert 0.0 <= span.confidence <= 1.0


def test_texts_are_labelled_as_by_the_command(tagger: gleaner.Tagger, folder: Path) -> None:
    text = "Anna woon in Brakfontein. Die burgemeester van Oudrif het gister gepraat.\nDit reën."
    done = command("predict", str(folder), "--format", "jsonl", text=text)
    assert done.returncode == 0, done.stderr
    expected = [
        (span["label"], span["start"], span["end"], text[span["start"] : span["end"]], span["confidence"])
        for line in done.stdout.splitlines()
        for span in json.loads(line)["spans"]
    ]
    assert len(expected) == 3
    spans = tagger(text)
    assert [span[:4] for span in spans] == [entity[:4] for entity in expected]
    assert [span.confidence for span in spans] == pytest.approx([entity[4] for entity in expected], abs=1e-4)


def test_the_forms_of_labelling_agree(tagger: gleaner.Tagger) -> None:
    labelled = tagger.label(SENTENCES)
    assert [tagged.tags for tagged in labelled] == tagger.tag(SENTENCES)
    assert [tagged.spans for tagged in labelled] == tagger.spans(iter(SENTENCES))
    assert list(tagger.label_pipe((words for words in SENTENCES), batch_size=2)) == labelled
    assert [len(tags) for tags in tagger.tag(SENTENCES)] == [5, 3, 0]
    assert tagger.tag([]) == []
    span = labelled[0].spans[0]
    assert (span.label, SENTENCES[0][span.start : span.end]) == ("PER", ["Anna"])
    assert tagger.tag(numpy.array([["Anna", "woon"]])) == tagger.tag([("Anna", "woon")])


def test_batches_are_labelled_as_single_texts(tagger: gleaner.Tagger) -> None:
    texts = [TEXT, "", "Anna woon hier.", "\n"] * 3
    expected = [tagger(text) for text in texts]
    for size in (1, 5, 100):
        assert list(tagger.pipe((text for text in texts), batch_size=size)) == expected


def test_pipe_reads_no_more_than_a_batch_ahead(tagger: gleaner.Tagger) -> None:
    read = []

    def texts() -> Iterator[str]:
        for number in range(10):
            read.append(number)
            yield "Anna"

    next(tagger.pipe(texts(), batch_size=3))
    assert read == [0, 1, 2]


def test_probabilities_are_a_distribution_over_tags(tagger: gleaner.Tagger) -> None:
    probabilities = tagger.probabilities(SENTENCES)
    assert [array.shape for array in probabilities] == [(len(words), 7) for words in SENTENCES]
    for array, tags in zip(probabilities, tagger.tag(SENTENCES)):
        assert array.dtype == numpy.float64 and array.flags.writeable
        assert numpy.allclose(array.sum(axis=1), 1.0)
        likely = [tagger.tags[i] for i in array.argmax(axis=1)]
        assert sum(a == b for a, b in zip(likely, tags)) >= len(tags) - 1


def test_threads_of_python_can_share_a_tagger(tagger: gleaner.Tagger) -> None:
    expected, found = tagger.tag(SENTENCES), []
    threads = [threading.Thread(target=lambda: found.append(tagger.tag(SENTENCES))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_scores_are_those_of_the_command(tagger: gleaner.Tagger, folder: Path, sample: Path) -> None:
    scores = tagger.evaluate("sample:af")
    done = command("evaluate", str(folder), "sample:af", "--output", "json")
    assert json.loads(done.stdout) == scores.as_dict()
    assert scores.f1 == scores.micro.f1 > 0.5
    assert scores.interval is not None and scores.interval.low <= scores.f1 <= scores.interval.high
    in_memory = gleaner.evaluate(folder, read(sample / "test.conll"))
    assert in_memory.as_dict() == scores.as_dict()
    assert repr(scores).startswith("<Evaluation: F1 0.")
    assert tagger.evaluate(sample / "test.conll", resamples=0).interval is None


def test_taggers_are_saved_and_pickled(tagger: gleaner.Tagger, folder: Path, tmp_path: Path) -> None:
    assert repr(tagger) == f"<Tagger: LOC, ORG, PER; {folder}>"
    tagger.save(tmp_path / "copy")
    copies = [gleaner.Tagger.load(tmp_path / "copy"), pickle.loads(pickle.dumps(tagger))]
    assert [copy.tag(SENTENCES) for copy in copies] == [tagger.tag(SENTENCES)] * 2
    with pytest.raises(gleaner.SettingsError, match="the folder is not empty"):
        tagger.save(tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_a_tagger_keeps_its_folder(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    tagger = gleaner.Tagger.load(folder.name)
    monkeypatch.chdir(tmp_path)
    assert tagger.folder == folder
    assert tagger.record is not None


def test_a_tagger_is_exported(tagger: gleaner.Tagger, tmp_path: Path) -> None:
    files = tagger.export("onnx", tmp_path / "onnx")
    assert files and all((tmp_path / "onnx" / name).is_file() for name in files)
    with pytest.raises(gleaner.SettingsError, match="unknown form `tar`"):
        tagger.export("tar", tmp_path / "tar")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_is_told_to_be_spawned(folder: Path) -> None:
    program = f"""
import os, gleaner
tagger = gleaner.Tagger.load({str(folder)!r})
child = os.fork()
if child == 0:
    try:
        tagger.tag([["Anna"]])
    except gleaner.SettingsError as error:
        os._exit(7 if "spawn" in str(error) else 1)
    os._exit(2)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)


def test_the_number_of_threads_is_set_before_the_first_use(folder: Path) -> None:
    program = f"""
import gleaner
gleaner.set_threads(3)
gleaner.Tagger.load({str(folder)!r})
gleaner.set_threads(3)
try:
    gleaner.set_threads(4)
except gleaner.SettingsError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout == "threads: 3 threads run already; call set_threads before anything is computed\n"


def test_importing_loads_no_large_package() -> None:
    program = "import sys, gleaner; print([m for m in ('numpy', 'sklearn', 'spacy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout == "[]\n"
