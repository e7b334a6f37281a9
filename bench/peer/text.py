"""What every peer shares: sentences, their pieces, and what a saved tagger says of itself."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer, normalizers

Words = list[str]


def read_words(path: Path) -> list[Words]:
    """The words of a file of two columns, word TAB tag, with a blank line behind each sentence."""
    sentences: list[Words] = []
    words: Words = []
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line != "\n":
                words.append(line.rstrip("\n").split("\t")[0])
            elif words:
                sentences.append(words)
                words = []
    if words:
        sentences.append(words)
    return sentences


def write_tagged(path: Path, sentences: Iterable[Words], tags: Iterable[Sequence[str]]) -> None:
    """Writes sentences with a tag for every word, as `read_words` reads them."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for words, of_words in zip(sentences, tags, strict=True):
            for word, tag in zip(words, of_words, strict=True):
                file.write(f"{word}\t{tag}\n")
            file.write("\n")


@dataclass(frozen=True)
class Pieced:
    """A sentence as pieces, special ones included; `starts` has the index of every word's first
    piece, and behind them that of the closing special piece."""

    ids: list[int]
    starts: list[int]


class Pieces:
    """A tokenizer that is given one word at a time, as Gleaner does it."""

    def __init__(self, folder: Path, fold_case: bool = False) -> None:
        path = folder / "tokenizer.json"
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        model = json.loads(path.read_text(encoding="utf-8"))["model"]
        if fold_case and model["type"] == "WordPiece":
            self.tokenizer.normalizer = normalizers.BertNormalizer(
                clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
            )
        self.open, self.close = self.tokenizer.encode("").ids
        token = model.get("unk_token")
        self.unknown: int = self.tokenizer.token_to_id(token) if token else model["unk_id"]
        self.known: dict[str, list[int]] = {}

    def sentences(self, sentences: Sequence[Words], limit: int) -> list[Pieced]:
        """The pieces of sentences; an error where one has more than `limit`, frame not counted."""
        new = sorted({w for words in sentences for w in words} - self.known.keys())
        for word, encoding in zip(
            new, self.tokenizer.encode_batch_fast(new, add_special_tokens=False), strict=True
        ):
            self.known[word] = encoding.ids or [self.unknown]
        return [self._framed(words, limit) for words in sentences]

    def _framed(self, words: Words, limit: int) -> Pieced:
        ids, starts = [self.open], []
        for word in words:
            starts.append(len(ids))
            ids.extend(self.known[word])
        if len(ids) - 1 > limit:
            raise SystemExit(f"a sentence of {len(ids) - 1} pieces; shorten it to {limit}")
        return Pieced([*ids, self.close], [*starts, len(ids)])


def by_length(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Batches of `size` indices, those of similar length together, the shortest first."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), size):
        yield order[start : start + size]


def forbidden(labels: Sequence[str]) -> tuple[list[int], list[tuple[int, int]]]:
    """What IOB2 rules out: tags that may not start a sentence, and pairs (tag, next tag)."""
    inside = [i for i, name in enumerate(labels) if name.startswith("I-")]
    pairs = [
        (i, j)
        for j in inside
        for i, name in enumerate(labels)
        if name not in (labels[j], "B-" + labels[j][2:])
    ]
    return inside, pairs


@dataclass(frozen=True)
class Saved:
    """What a model folder of Gleaner says, its tensors apart."""

    folder: Path
    labels: list[str]
    pad: int
    limit: int
    units: int
    layers: int
    constraints: bool


def open_saved(folder: Path) -> Saved:
    """Reads config.json and gleaner.json; refuses a tagger that the peers do not know."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    settings = json.loads((folder / "gleaner.json").read_text(encoding="utf-8"))["settings"]
    if (settings["head"], settings["piece-labels"]) != ("bilstm-crf", "first"):
        raise SystemExit(f"{folder}: not a BiLSTM-CRF over first pieces")
    names: dict[str, str] = config["id2label"]
    return Saved(
        folder=folder,
        labels=[names[str(i)] for i in range(len(names))],
        pad=config["pad_token_id"],
        limit=settings["max-pieces"],
        units=settings["lstm-units"],
        layers=settings["lstm-layers"],
        constraints=settings["constraints"],
    )


def report(**values: object) -> None:
    """Says a line of JSON on standard output, at once."""
    print(json.dumps(values), flush=True)
