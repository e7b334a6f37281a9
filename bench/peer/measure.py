"""Runs programs and measures them from outside, all by the same clock."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from record import Figures

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Line:
    """A line of standard output, and the seconds from the program's start to its arrival."""

    seconds: float
    text: str


@dataclass(frozen=True)
class Ended:
    """A program that has ended well."""

    lines: list[Line]
    errors: str
    seconds: float
    peak_mib: float


@dataclass
class Contender:
    """A program in one comparison: its command, and what its runs have shown, figure by figure."""

    name: str
    command: Command
    rival: str = ""
    figures: Figures = field(default_factory=dict)

    def add(self, **figures: float) -> None:
        """Notes the figures of a run."""
        for name, value in figures.items():
            self.figures.setdefault(name, []).append(value)

    def add_failed(self) -> None:
        """Notes a run that failed, so that later runs keep their places."""
        for values in self.figures.values():
            values.append(None)


# Seconds after which a program is stopped that seems to wait for ever.
LIMIT = 3600


def run(command: Command, variables: Mapping[str, str], stdout: Path | None = None) -> Ended:
    """Runs a program to its end, with more variables in its environment; an error if it fails. With
    `stdout` its output goes to that file and no lines come back. The peak is the kernel's
    `ru_maxrss` of that one process; it starts from this process's own size, which is a few MiB."""
    words = [str(word) for word in command]
    environment = os.environ | dict(variables)
    with tempfile.TemporaryFile() as errors, open(stdout or os.devnull, "wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            words, stdout=output if stdout else subprocess.PIPE, stderr=errors, env=environment
        )
        limit = threading.Timer(LIMIT, child.kill)
        limit.daemon = True
        limit.start()
        lines = []
        for raw in child.stdout or ():
            lines.append(Line(time.perf_counter() - started, raw.decode()))
        _, status, usage = os.wait4(child.pid, 0)
        limit.cancel()
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(words)}\nended with {child.returncode}:\n{said[-2000:]}")
    return Ended(lines, said, seconds, usage.ru_maxrss / 1024)


def say(text: str) -> None:
    """Report progress on standard error."""
    print(text, file=sys.stderr, flush=True)


def in_turn(contenders: list[Contender], runs: int) -> list[tuple[int, Contender]]:
    """All contenders once, then all once more, ...; each round starts with another one."""
    turns = []
    for number in range(runs):
        first = number % len(contenders)
        turns += [(number + 1, c) for c in contenders[first:] + contenders[:first]]
    return turns
