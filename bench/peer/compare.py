"""What all comparisons share: how programs are run and prepared, and the names of the figures."""

import argparse
import sys
from pathlib import Path

import machine
from markdown import Figure
from measure import Command, Contender, Ended, run, say

SPEED = Figure("pieces_a_second", "training, real pieces/s", True)
WORDS = Figure("words_a_second", "labelling, words/s", True)
FIRST = Figure("first_seconds", "start to first prediction, s", False, 2)
PEAK = Figure("peak_mib", "peak memory, MiB", False)
LESS = Figure("peak_less_import_mib", "peak memory less `import torch`, MiB", False)
EQUAL = Figure("words_equal_percent", "words tagged as by Gleaner, %", True, 3, False)
CHANGED = Figure(
    "entity_words_changed_percent", "entity words tagged unlike Gleaner, %", False, 3, False
)
F1 = Figure("entity_f1_percent", "entity F1 against the text's tags, %", True, 2, False)

SOUND, PUBLISHED = "Gleaner", "Gleaner, published"
SOUND_BF16, PUBLISHED_BF16 = "Gleaner, bfloat16", "Gleaner, published, bfloat16"
SOUND_INT8 = "Gleaner, int8"
PYTORCH, ONNX, OPENVINO = "PyTorch", "ONNX Runtime", "OpenVINO"
ONNX_INT8, OPENVINO_INT8 = f"{ONNX}, int8", f"{OPENVINO}, int8"


class Bench:
    """Runs programs with the threads and the instructions of a comparison."""

    def __init__(self, args: argparse.Namespace, here: Path) -> None:
        self.args = args
        self.here = here
        self.work: Path = args.work
        self.work.mkdir(parents=True, exist_ok=True)
        self.preparations: list[list[str | Path]] = []
        self.import_mib = 0.0
        self.variables = {
            "OMP_NUM_THREADS": str(args.threads),
            "HF_HUB_OFFLINE": "1",
            **machine.limits(args.simd),
        }

    def python(self, script: str, *words: str | Path) -> list[str | Path]:
        """The command of a peer."""
        threads = ("--threads", str(self.args.threads))
        return [sys.executable, self.here / script, *threads, *words]

    def run(self, command: Command, stdout: Path | None = None) -> Ended:
        """Runs a program."""
        return run(command, self.variables, stdout)

    def prepare(self, command: list[str | Path]) -> None:
        """Runs a program that makes what others need."""
        say(f"prepares: {' '.join(map(str, command))}")
        self.preparations.append(command)
        self.run(command)

    def bare(self) -> list[tuple[str, str]]:
        """What the peers' libraries take before anything is done."""
        facts = []
        for name in ("torch", "onnxruntime", "openvino"):
            ended = self.run([sys.executable, "-c", f"import {name}; print({name}.__version__)"])
            if name == "torch":
                self.import_mib = ended.peak_mib
            version = ended.lines[0].text.strip()
            shown = f"{version}: {ended.peak_mib:.0f} MiB, {ended.seconds:.1f} s"
            facts.append((f"`import {name}` alone", shown))
        return facts

    def add_memory(self, contender: Contender, ended: Ended) -> None:
        """Notes a run's peak, and what is left of it without PyTorch's libraries."""
        libraries = self.import_mib if contender.name.startswith(PYTORCH) else 0.0
        less = ended.peak_mib - libraries
        contender.add(peak_mib=ended.peak_mib, peak_less_import_mib=less)


def same_pieces(contenders: list[Contender], figure: str) -> None:
    """Refuses a comparison of programs that did not train the same pieces."""
    of = {c.name: set(c.figures[figure]) for c in contenders}
    for contender in contenders:
        if contender.rival and of[contender.name] != of[contender.rival]:
            raise SystemExit(f"{figure.replace('_', ' ')} differ: {of}")
