"""Training and adapting."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import gleaner
import pytest
from test_tagger import command, read

TINY: dict[str, Any] = {"encoder": "sample:tiny", "epochs": 2, "seed": 3, "lstm_units": 8, "lstm_layers": 1}


def weights(tagger: gleaner.Tagger) -> bytes:
    return (tagger.folder / "model.safetensors").read_bytes()


def test_a_training_equals_that_of_the_command(tmp_path: Path) -> None:
    tagger = gleaner.train("sample:af", out=tmp_path / "python", **TINY)
    options = [part for key, value in TINY.items() for part in (f"--{key.replace('_', '-')}", str(value))]
    done = command("train", "--data", "sample:af", "--out", str(tmp_path / "command"), *options)
    assert done.returncode == 0, done.stderr
    for name in ("model.safetensors", "gleaner.json"):
        assert (tmp_path / "python" / name).read_bytes() == (tmp_path / "command" / name).read_bytes(), name
    assert tagger.record is not None and tagger.record["settings"]["seed"] == 3


def test_type_checkers_know_every_setting(tagger: gleaner.Tagger) -> None:
    from gleaner._options import Settings

    assert tagger.record is not None
    settings = {name.replace("-", "_") for name in tagger.record["settings"]}
    # Parameters of their own.
    assert Settings.__annotations__.keys() | {"data", "dev", "test"} == settings


def test_every_container_trains_the_same_tagger(sample: Path) -> None:
    words, tags = read(sample / "train.conll")
    dev = read(sample / "dev.conll")
    words, tags = words[:60], tags[:60]
    forms: list[Any] = [(words, tags), {"tokens": words, "ner_tags": tags}]
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    forms.append(pandas.DataFrame({"words": words, "tags": tags}))
    polars = pytest.importorskip("polars", reason="polars is not installed")
    forms.append(polars.DataFrame({"words": words, "tags": tags}))
    taggers = [gleaner.train(form, dev=dev, **TINY) for form in forms]
    parts = {"train": forms[1], "validation": {"tokens": dev[0], "ner_tags": dev[1]}}
    taggers.append(gleaner.train(parts, **TINY))
    taggers.append(gleaner.train({"x": words, "y": tags}, dev={"x": dev[0], "y": dev[1]}, columns=("x", "y"), **TINY))
    assert len({weights(tagger) for tagger in taggers}) == 1


def test_tags_that_are_numbers_get_their_names() -> None:
    from gleaner._data import labelled

    class Named:
        names = ["O", "B-X"]

    class Feature:
        feature = Named()

    class Dataset:
        column_names = ["tokens", "ner_tags"]
        features = {"tokens": object(), "ner_tags": Feature()}

        def __getitem__(self, name: str) -> list[Any]:
            return {"tokens": [["a", "b"]], "ner_tags": [[1, 0]]}[name]

    assert labelled(Dataset()) == ([["a", "b"]], [["B-X", "O"]])

    class Hidden(Dataset):
        def __getitem__(self, name: str) -> list[Any]:
            return {"tokens": [["a"]], "ner_tags": [[-1]]}[name]

    with pytest.raises(gleaner.TextError, match="tags below 0"):
        labelled(Hidden())


def test_files_are_named_as_settings(sample: Path, tmp_path: Path) -> None:
    tagger = gleaner.train(sample / "train.conll", dev=sample / "dev.conll", out=tmp_path / "m", **TINY)
    assert tagger.record is not None
    settings = tagger.record["settings"]
    assert settings["train"] == [str(sample / "train.conll")] and settings["dev"] == [str(sample / "dev.conll")]


def test_a_temporary_tagger_is_removed_with_its_last_user() -> None:
    tagger = gleaner.train("sample:af", **TINY)
    folder = tagger.folder
    assert folder.is_dir()
    del tagger
    assert not folder.exists()


def test_events_are_reported_in_order() -> None:
    events: list[dict[str, Any]] = []
    gleaner.train("sample:af", progress=events.append, **TINY)
    names = [event["event"] for event in events]
    assert names[0] == "start" and names[-1] == "test" and names.count("epoch") == 2
    batches = [event for event in events if event["event"] == "batch"]
    assert [batch["done"] for batch in batches[: batches[0]["of"]]] == list(range(1, batches[0]["of"] + 1))


def test_an_exception_of_the_listener_stops_the_training_which_can_be_resumed(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop(event: dict[str, Any]) -> None:
        if event["event"] == "batch" and event["epoch"] == 2:
            raise Enough

    with pytest.raises(Enough):
        gleaner.train("sample:af", out=tmp_path / "m", progress=stop, **TINY)
    with pytest.raises(gleaner.SettingsError, match="it holds an unfinished training"):
        gleaner.train("sample:af", out=tmp_path / "m", **TINY)
    resumed = gleaner.train("sample:af", out=tmp_path / "m", resume=True, **TINY)
    whole = gleaner.train("sample:af", out=tmp_path / "whole", **TINY)
    assert weights(resumed) == weights(whole)


def heed_ctrl_c() -> None:
    """For a process that is started: where the tests run in the background, it would ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_ctrl_c_writes_a_checkpoint_and_raises(tmp_path: Path) -> None:
    program = f"""
import gleaner
def progress(event):
    if event["event"] == "epoch":
        print("epoch", flush=True)
settings = {{"encoder": "sample:tiny", "epochs": 500, "out": {str(tmp_path / "m")!r}}}
try:
    gleaner.train("sample:af", progress=progress, **settings)
except KeyboardInterrupt as error:
    print("stopped:", error)
"""
    run = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, encoding="utf-8", preexec_fn=heed_ctrl_c
    )
    assert run.stdout is not None and run.stdout.readline() == "epoch\n"
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=120)
    last = said.splitlines()[-1]
    assert last.startswith("stopped: ") and last.endswith("continue with --resume"), said
    assert (tmp_path / "m" / "checkpoint" / "state.json").is_file() and run.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_the_command_stops_at_ctrl_c_as_the_binary_does(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "gleaner", "train", "--data", "sample:af", "--encoder", "sample:tiny", "--epochs", "500",
         "--out", str(tmp_path / "m"), "--output", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", preexec_fn=heed_ctrl_c,
    )  # fmt: skip
    assert run.stdout is not None and '"start"' in run.stdout.readline()
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 75 and said.endswith("continue with --resume\n"), said


def test_an_encoder_is_adapted(tmp_path: Path) -> None:
    from gleaner._options import AdaptSettings

    text = tmp_path / "raw.txt"
    text.write_text("Anna woon in Brakfontein.\nDit reën in Oudrif.\n" * 40, encoding="utf-8")
    events: list[str] = []
    record = gleaner.adapt(
        "sample:tiny", text, tmp_path / "e", steps=3, progress=lambda event: events.append(event["event"])
    )
    assert record["steps"] == 3 and events.count("step") == 3
    names = {name.replace("-", "_") for name in record["settings"]}
    assert AdaptSettings.__annotations__.keys() | {"encoder", "text"} == names
    gleaner.train("sample:af", **{**TINY, "encoder": tmp_path / "e", "epochs": 1})
    with pytest.raises(gleaner.SettingsError, match="unknown setting `step`"):
        gleaner.adapt("sample:tiny", text, tmp_path / "f", step=3)
