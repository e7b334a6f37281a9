"""Files of words and tags: how those of two programs agree, and how they score."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

Tagged = list[tuple[str, str]]
"""The words of a sentence with their tags."""

Span = tuple[int, int, str]
"""The first word of an entity, the word behind its last one, and its type."""


@dataclass(frozen=True)
class Extract:
    """A file of words to label, all tagged `O`, and one with their own tags if the text has any."""

    words: Path
    gold: Path | None


@dataclass(frozen=True)
class Agreement:
    """`equal`: the share of words with the same tag as in the reference. `changed`: the share of
    words with another tag, among those that the reference tags as part of an entity, if any."""

    equal: float
    changed: float | None


def sentences(path: Path) -> Iterator[Tagged]:
    """The sentences of a file of columns, with a blank line behind each: the word first, the tag
    last. Gleaner writes the tag of the input between them."""
    sentence: Tagged = []
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line != "\n":
                word, *_, tag = line.rstrip("\n").split("\t")
                sentence.append((word, tag))
            elif sentence:
                yield sentence
                sentence = []
    if sentence:
        yield sentence


def write(path: Path, tagged: Iterable[Tagged]) -> None:
    """Writes sentences as `sentences` reads them."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sentence in tagged:
            file.write("".join(f"{word}\t{tag}\n" for word, tag in sentence) + "\n")


def extract(text: Path, path: Path, count: int) -> Extract:
    """The first sentences of a text: a .conll file of two columns, or one sentence per line with
    words cut at white space."""
    if text.suffix == ".conll":
        taken = list(islice(sentences(text), count))
        gold = path.with_stem(f"{path.stem}-gold")
        write(gold, taken)
    else:
        with text.open(encoding="utf-8") as lines:
            words = (line.split() for line in lines)
            taken = [[(w, "O") for w in of_line] for of_line in islice(filter(None, words), count)]
        gold = None
    write(path, ([(word, "O") for word, _ in sentence] for sentence in taken))
    return Extract(path, gold)


def pairs(one: Path, other: Path) -> Iterator[tuple[Tagged, Tagged]]:
    """The sentences of two files; an error if their words differ."""
    for a, b in zip_longest(sentences(one), sentences(other), fillvalue=[]):
        if [word for word, _ in a] != [word for word, _ in b]:
            raise SystemExit(f"{one} and {other} have different words: {a[:3]}, {b[:3]}")
        yield a, b


def agreement(reference: Path, other: Path) -> Agreement:
    """Compares two files of the same words."""
    words = equal = entity_words = changed = 0
    for a, b in pairs(reference, other):
        for (_, expected), (_, tag) in zip(a, b, strict=True):
            words += 1
            equal += tag == expected
            entity_words += expected != "O"
            changed += expected not in ("O", tag)
    return Agreement(equal / words, changed / entity_words if entity_words else None)


def spans(tags: Sequence[str]) -> set[Span]:
    """The entities of a sentence in IOB2; an inside tag that continues nothing begins one."""
    found: set[Span] = set()
    start, kind = -1, ""
    for i, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        if start >= 0 and (prefix != "I" or name != kind):
            found.add((start, i, kind))
            start = -1
        if prefix == "B" or (prefix == "I" and start < 0):
            start, kind = i, name
    return found


def entity_f1(gold: Path, predicted: Path) -> float:
    """Micro-averaged F1 of exact entities."""
    right = in_gold = in_predicted = 0
    for a, b in pairs(gold, predicted):
        expected, got = (spans([tag for _, tag in sentence]) for sentence in (a, b))
        right += len(expected & got)
        in_gold += len(expected)
        in_predicted += len(got)
    return 2 * right / max(1, in_gold + in_predicted)
