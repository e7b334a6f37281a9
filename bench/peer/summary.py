"""Prints one page of Markdown with the ratios of all stored results.

python bench/peer/summary.py [bench/results/*.jsonl]
"""

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path

import record
from compare import ONNX, ONNX_INT8, OPENVINO, OPENVINO_INT8, PYTORCH, SOUND, SOUND_INT8
from record import Entry, Machine, Values, known

RESULTS = Path(__file__).resolve().parents[1] / "results"
TRAINING = (PYTORCH, f"{PYTORCH}, active rows", f"{PYTORCH}, published")
LABELLING = (PYTORCH, ONNX, OPENVINO, ONNX_INT8, OPENVINO_INT8)
QUALITY = (SOUND, SOUND_INT8, ONNX_INT8, OPENVINO_INT8)
ENCODERS = {"train-small": "small", "train-base": "base"}

INTRODUCTION = """# Gleaner and its peers

Each ratio is Gleaner's speed divided by the peer's: that of the medians of alternating runs, and in
brackets the least and the greatest of a round of runs, where the rounds are known. Each row is the
newest result for a processor, its instructions (SIMD) and a number of threads.
`bench/peer/README.md` explains what is compared."""
UNLIMITED = (
    "\\* SIMD was limited with `--simd`. ONNX Runtime cannot be limited and used the best "
    "instructions of the processor."
)


@dataclass(frozen=True)
class Measured:
    """A section of a record."""

    machine: Machine
    section: str
    entries: dict[str, Entry]

    def runs(self, figure: str) -> str:
        """The number of runs, or the least and the greatest where programs differ."""
        entries = [e for e in self.entries.values() if figure in e.figures]
        counts = {len(known(e.figures[figure])) for e in entries}
        return "–".join(str(count) for count in sorted({min(counts), max(counts)}))

    def ratio(self, name: str, figure: str) -> str:
        """Gleaner's speed in the same precision or protocol, divided by that of a program."""
        entry = self.entries.get(name)
        rival = self.entries.get(entry.rival) if entry else None
        if entry is None or rival is None:
            return "–"
        own, gleaner = entry.figures[figure], rival.figures[figure]
        median = statistics.median(known(gleaner)) / statistics.median(known(own))
        star = "\\*" if self.machine.limited and name.startswith(ONNX) else ""
        rounds = ratios(gleaner, own)
        extremes = f" ({min(rounds):.2f}–{max(rounds):.2f})" if rounds else ""
        return f"{median:.2f}{star}{extremes}"

    def median(self, name: str, figure: str, digits: int = 0) -> str:
        """The median of a figure of a program."""
        entry = self.entries.get(name)
        if entry is None or figure not in entry.figures:
            return "–"
        return f"{statistics.median(known(entry.figures[figure])):,.{digits}f}"


def ratios(gleaner: Values, own: Values) -> list[float]:
    """The ratios of the rounds in which both programs ran. Lists of different lengths leave out
    failed runs, so their rounds are unknown."""
    if len(gleaner) != len(own):
        return []
    pairs = zip(gleaner, own, strict=True)
    return [a / b for a, b in pairs if a is not None and b is not None]


def newest(records: list[record.Record]) -> list[Measured]:
    """Each section's newest measurement on each processor, with its instructions and threads."""
    found: dict[tuple[str, str, int, str], Measured] = {}
    for of in sorted(records, key=lambda r: r.machine.date):
        m = of.machine
        for section in {entry.section: None for entry in of.entries}:
            entries = {e.name: e for e in of.entries if e.section == section}
            found[m.processor, m.simd, m.threads, section] = Measured(m, section, entries)
    return [found[key] for key in sorted(found)]


def table(first: list[str], names: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    """A table whose last columns are numbers."""
    header = ["processor", "SIMD", "threads", "date", *first, *names]
    rule = ["---"] * (4 + len(first)) + ["---:"] * len(names)
    return ["", *(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))]


def place(of: Measured) -> list[str]:
    """The first cells of a row."""
    return [of.machine.processor, of.machine.simd, str(of.machine.threads), of.machine.date]


def training(measured: list[Measured]) -> list[str]:
    """The table of trainings."""
    speed = "pieces_a_second"
    rows = [
        [*place(m), ENCODERS[m.section], m.runs(speed), m.median(SOUND, speed)]
        + [m.ratio(name, speed) for name in TRAINING]
        for m in measured
        if m.section in ENCODERS
    ]
    lines = table(["encoder", "runs", "Gleaner, pieces/s"], TRAINING, rows)
    return ["## Training", *lines] if rows else []


def labelling(measured: list[Measured]) -> list[str]:
    """The table of labelling: speed."""
    speed = "words_a_second"
    found = [m for m in measured if m.section == "label"]
    rows = [
        [*place(m), m.runs(speed), m.median(SOUND, speed), m.median(SOUND_INT8, speed)]
        + [m.ratio(name, speed) for name in LABELLING]
        for m in found
    ]
    first = ["runs", "Gleaner, words/s", "Gleaner, int8, words/s"]
    note = "Peers in int8 are compared with Gleaner in int8."
    if any(m.machine.limited for m in found):
        note += f" {UNLIMITED}"
    return ["## Labelling", "", note, *table(first, LABELLING, rows)] if rows else []


def quality(measured: list[Measured]) -> list[str]:
    """The table of labelling: what int8 changes."""
    changed, f1 = "entity_words_changed_percent", "entity_f1_percent"
    rows = [
        [*place(m), shown, *(m.median(name, figure, 2) for name in QUALITY)]
        for m in measured
        if m.section == "label" and m.entries.keys() & set(QUALITY[1:])
        for shown, figure in (("words changed, %", changed), ("entity F1, %", f1))
        if any(figure in entry.figures for entry in m.entries.values())
    ]
    note = (
        "Words changed: of the words that Gleaner in float32 tags as part of an entity, those that "
        "get another tag. F1: against the tags of the text."
    )
    return ["## Tags in int8", "", note, *table([""], QUALITY, rows)] if rows else []


def main() -> None:
    """Reads the records and prints the page."""
    top = argparse.ArgumentParser(description=__doc__)
    top.add_argument("records", type=Path, nargs="*", help="[default: all of bench/results]")
    paths = top.parse_args().records or sorted(RESULTS.glob("*.jsonl"))
    measured = newest([record.read(path) for path in paths])
    parts = [[INTRODUCTION], training(measured), labelling(measured), quality(measured)]
    print("\n\n".join("\n".join(lines) for lines in parts if lines))


if __name__ == "__main__":
    main()
