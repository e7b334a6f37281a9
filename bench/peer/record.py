"""Results as JSON Lines, for `summary.py`: the machine first, then one line per program."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

Values = list[float | None]
"""The values of all runs, in their order; `None` for a run that failed."""

Figures = dict[str, Values]
"""The values by the key of the figure."""


@dataclass(frozen=True)
class Machine:
    """What was measured where. `simd`: Gleaner's level; `limited`: it is not the processor's best."""

    date: str
    processor: str
    simd: str
    limited: bool
    threads: int
    gleaner: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """A program in one section, and the name of the program that it is compared with."""

    section: str
    name: str
    rival: str
    figures: Figures


@dataclass
class Record:
    """A result."""

    machine: Machine
    entries: list[Entry] = field(default_factory=list)

    def text(self) -> str:
        """As JSON Lines, with at least four significant digits."""
        lines = [json.dumps(asdict(self.machine))]
        for entry in self.entries:
            figures = {
                key: [None if value is None else rounded(value) for value in values]
                for key, values in entry.figures.items()
            }
            lines.append(json.dumps(asdict(entry) | {"figures": figures}))
        return "\n".join(lines) + "\n"


def known(values: Values) -> list[float]:
    """The values of the runs that did not fail."""
    return [value for value in values if value is not None]


def rounded(value: float) -> float:
    """A whole number where it has four digits, otherwise with four decimals."""
    return round(value) if abs(value) >= 1000 else round(value, 4)


def read(path: Path) -> Record:
    """Reads a record."""
    first, *others = path.read_text(encoding="utf-8").splitlines()
    return Record(Machine(**json.loads(first)), [Entry(**json.loads(line)) for line in others])
