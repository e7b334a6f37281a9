"""WikiANN of one language, divided as the published study does it."""

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as parquet
from sklearn.model_selection import train_test_split

from text import Words


@dataclass(frozen=True)
class Labelled:
    """A sentence and its tags, as indices into the labels."""

    words: Words
    tags: list[int]


@dataclass(frozen=True)
class Split:
    """The three parts, and the labels."""

    labels: list[str]
    train: list[Labelled]
    dev: list[Labelled]
    test: list[Labelled]


def load(folder: Path, seed: int = 42) -> Split:
    """Train, validation and test put one after the other, then divided 80/10/10."""
    labels: list[str] = []
    rows: list[Labelled] = []
    for part in ("train", "validation", "test"):
        table = parquet.read_table(next(folder.glob(f"{part}*.parquet")))
        features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        labels = features["ner_tags"]["feature"]["names"]
        columns = (table[name].to_pylist() for name in ("tokens", "ner_tags"))
        for words, tags in zip(*columns, strict=True):
            rows.append(Labelled(words, repaired(tags, labels)))
    train, rest = train_test_split(rows, test_size=0.2, random_state=seed)
    dev, test = train_test_split(rest, test_size=0.5, random_state=seed)
    return Split(labels, train, dev, test)


def repaired(tags: list[int], labels: list[str]) -> list[int]:
    """Reads an inside tag that continues nothing as a beginning."""
    out: list[int] = []
    before = "O"
    for tag in tags:
        name = labels[tag]
        if name.startswith("I-") and before[2:] != name[2:]:
            name = "B-" + name[2:]
        out.append(labels.index(name))
        before = name
    return out
