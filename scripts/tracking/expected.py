"""What a training must have logged, from its model folder."""

import json
import pathlib
import struct


def manifest(model):
    return json.loads((pathlib.Path(model) / "gleaner.json").read_text("utf-8"))


def scalars(model):
    """The values of each name by step."""
    saved = manifest(model)
    names = {"train/loss": "train-loss", "dev/loss": "dev-loss", "dev/f1": "dev-f1", "dev/published-score": "dev-published"}
    curves = {name: {epoch["epoch"]: epoch[key] for epoch in saved["history"]} for name, key in names.items()}
    last, test = saved["history"][-1]["epoch"], saved["test"]
    micro, interval = test["entities"]["micro"], test["intervals"]["micro-f1"]
    at_the_end = {
        "best-epoch": saved["best-epoch"],
        "test/f1": micro["f1"],
        "test/precision": micro["precision"],
        "test/recall": micro["recall"],
        "test/token-accuracy": test["token-accuracy"],
        "test/published-score": test["published-score"],
        "test/f1-low": interval["low"],
        "test/f1-high": interval["high"],
    }
    return curves | {name: {last: value} for name, value in at_the_end.items()}


def single(value):
    """A number in single precision."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def parameters(model):
    """The settings that have a value, as text."""
    settings = manifest(model)["settings"]
    given = {key: value for key, value in settings.items() if value is not None and value != []}
    return {key: value if isinstance(value, str) else json.dumps(value, separators=(",", ":")) for key, value in given.items()}
