"""What is compared: the programs' commands, and how their figures are read."""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from markdown import Figure, Section
from measure import Command, Contender, Ended, in_turn, run, say

SPEED = Figure("pieces_a_second", "training, real pieces/s", True)
WORDS = Figure("words_a_second", "labelling, words/s", True)
FIRST = Figure("first_seconds", "start to first prediction, s", False, 2)
PEAK = Figure("peak_mib", "peak memory, MiB", False)
LESS = Figure("peak_less_import_mib", "peak memory less `import torch`, MiB", False)
EQUAL = Figure("words_equal_percent", "words tagged as by Gleaner, %", True, 3)

SOUND, PUBLISHED = "Gleaner", "Gleaner, published"
SOUND_BF16, PUBLISHED_BF16 = "Gleaner, bfloat16", "Gleaner, published, bfloat16"
PYTORCH, ONNX = "PyTorch", "ONNX Runtime"

TRAINING_NOTE = (
    "Whole epochs after the first, scoring on dev included. All programs train the same sentences "
    "as the same pieces; padding does not count. “PyTorch” pads to the longest of a batch of like "
    "length; “active rows” trains only the embeddings in use, as Gleaner does; “published” is "
    "compared with Gleaner’s protocol of that name."
)
LABELLING_NOTE = "Reading, tokenizing and writing included, loading the model not."


class Peers:
    """Prepares what the comparisons need, and makes them."""

    def __init__(self, args: argparse.Namespace, here: Path) -> None:
        self.args = args
        self.here = here
        self.work: Path = args.work
        self.work.mkdir(parents=True, exist_ok=True)
        self.model: Path = (args.model or self.work / "model").resolve()
        self.preparations: list[list[str | Path]] = []
        self.import_mib = 0.0

    def python(self, script: str, *words: str | Path) -> list[str | Path]:
        """The command of a peer."""
        threads = ("--threads", str(self.args.threads))
        return [sys.executable, self.here / script, *threads, *words]

    def run(self, command: Command, stdout: Path | None = None) -> Ended:
        """Runs a program with this comparison's threads."""
        return run(command, self.args.threads, stdout)

    def prepare(self, command: list[str | Path]) -> None:
        """Runs a program that makes what others need."""
        say(f"prepares: {' '.join(map(str, command))}")
        self.preparations.append(command)
        self.run(command)

    def bare(self) -> list[tuple[str, str]]:
        """What the peers' libraries take before anything is done."""
        facts = []
        for name in ("torch", "onnxruntime"):
            ended = self.run([sys.executable, "-c", f"import {name}; print({name}.__version__)"])
            if name == "torch":
                self.import_mib = ended.peak_mib
            version = ended.lines[0].text.strip()
            shown = f"{version}: {ended.peak_mib:.0f} MiB, {ended.seconds:.1f} s"
            facts.append((f"`import {name}` alone", shown))
        return facts

    def sections(self) -> Iterator[Section]:
        """Makes the comparisons that were asked for, one after the other."""
        chosen = set(self.args.sections)
        if chosen == {"memory"} or chosen == {"memory", "startup"}:
            wanted = chosen | {"train-small", "label"}
        else:
            wanted = chosen
        memory = [PEAK, LESS] if "memory" in chosen else []
        if "train-small" in wanted:
            figures = [SPEED, *memory] if "train-small" in chosen else memory
            title = "Training, the given encoder"
            yield self.training(title, self.args.encoder, self.args.epochs, figures)
        if "train-base" in wanted:
            self.make_base()
            title = "Training, an encoder of multilingual BERT's shapes"
            yield self.training(title, self.args.base, self.args.epochs_base, [SPEED, *memory])
        if wanted & {"label", "startup"}:
            self.make_model()
            graph = self.make_graph()
            if "label" in wanted:
                figures = [WORDS, *memory, EQUAL] if "label" in chosen else memory
                yield self.labelling(graph, figures)
            if "startup" in wanted:
                yield self.startup(graph, [FIRST, *memory])

    # Training

    def training(self, title: str, encoder: Path, epochs: int, figures: list[Figure]) -> Section:
        """All trainings on one encoder."""
        out = self.work / "trained"
        settings = ["--encoder", encoder, "--data", self.args.data, "--epochs", str(epochs)]

        def gleaner(protocol: str, precision: str = "f32") -> list[str | Path]:
            return [self.args.gleaner, "train", *settings, "--protocol", protocol, "--out", out,
                    "--precision", precision,
                    "--split", "80-10-10", "--drop-leaks", "false", "--patience", "0",
                    "--checkpoint-seconds", "1000000", "--output", "json",
                    "--threads", str(self.args.threads)]  # fmt: skip

        def pytorch(*words: str) -> list[str | Path]:
            trained = ("--out", self.work / "trained.safetensors")
            return self.python("tagger.py", "train", *settings, *words, *trained)

        contenders = [
            Contender(SOUND, gleaner("sound")),
            Contender(PYTORCH, pytorch(), SOUND),
            Contender(f"{PYTORCH}, active rows", pytorch("--active-rows"), SOUND),
            Contender(SOUND_BF16, gleaner("sound", "bf16")),
            Contender(f"{PYTORCH}, bfloat16", pytorch("--bf16"), SOUND_BF16),
        ]
        if not self.args.without_published:
            contenders += [
                Contender(PUBLISHED, gleaner("published")),
                Contender(PUBLISHED_BF16, gleaner("published", "bf16")),
                Contender(f"{PYTORCH}, published", pytorch("--variant", "published"), PUBLISHED),
            ]
        for number, contender in in_turn(contenders, self.args.runs):
            shutil.rmtree(out, ignore_errors=True)
            ended = self.run(contender.command)
            pieces, speed = training_speed(ended)
            contender.add(pieces_an_epoch=pieces, pieces_a_second=speed)
            self.add_memory(contender, ended)
            say(f"{title}, run {number}: {contender.name}: {speed:.0f} pieces/s")
        same_pieces(contenders)
        return Section(title, contenders, figures, TRAINING_NOTE)

    def add_memory(self, contender: Contender, ended: Ended) -> None:
        """Notes a run's peak, and what is left of it without PyTorch's libraries."""
        libraries = self.import_mib if contender.name.startswith(PYTORCH) else 0.0
        less = ended.peak_mib - libraries
        contender.add(peak_mib=ended.peak_mib, peak_less_import_mib=less)

    def make_base(self) -> None:
        """The base encoder, unless it is there."""
        if (self.args.base / "model.safetensors").is_file():
            return
        if self.args.base_tokenizer is None:
            raise SystemExit("--base-tokenizer: needed to make the base encoder")
        tokenizer = ("--tokenizer", self.args.base_tokenizer)
        self.prepare(self.python("tagger.py", "random-base", self.args.base, *tokenizer))

    # Labelling

    def make_model(self) -> None:
        """The tagger that all label with, unless it is there."""
        if self.args.model is not None or (self.model / "gleaner.json").is_file():
            return
        self.prepare([
            self.args.gleaner, "train", "--encoder", self.args.encoder, "--data", self.args.data,
            "--split", "80-10-10", "--drop-leaks", "false", "--epochs", str(self.args.model_epochs),
            "--threads", str(self.args.threads), "--output", "quiet", "--out", self.model,
        ])  # fmt: skip

    def make_graph(self) -> Path:
        """The model as ONNX Runtime wants it."""
        graph = self.work / "model.onnx"
        self.prepare(self.python("onnx_label.py", "export", self.model, graph))
        return graph

    def write_sentences(self, name: str, count: int) -> Path:
        """The first sentences of the text, a word a line with a tag that says nothing."""
        path = self.work / name
        written = 0
        with (
            self.args.text.open(encoding="utf-8") as lines,
            path.open("w", encoding="utf-8") as out,
        ):
            for line in lines:
                if written == count:
                    break
                if words := line.split():
                    out.write("".join(f"{word}\tO\n" for word in words) + "\n")
                    written += 1
        return path

    def labellers(self, graph: Path, text: Path, batches: dict[str, int]) -> list[Contender]:
        """The programs, each writing `text` with tags to standard output (Gleaner) or its own file."""
        threads = ("--threads", str(self.args.threads))

        def options(name: str) -> list[str | Path]:
            return [text, "--batch", str(batches[name]), "--out", self.tagged(name)]

        pytorch = self.python("tagger.py", "label", self.model, *options(PYTORCH))
        onnx = self.python("onnx_label.py", "label", self.model, graph, *options(ONNX))
        gleaner = [self.args.gleaner, "predict", self.model, text, "--format", "conll", *threads]
        return [
            Contender(SOUND, gleaner),
            Contender(SOUND_BF16, [*gleaner, "--precision", "bf16"]),
            Contender(PYTORCH, pytorch, SOUND),
            Contender(ONNX, onnx, SOUND),
        ]

    def tagged(self, name: str) -> Path:
        """Where a program's tags go."""
        return self.work / f"tagged-{re.sub('[^a-z0-9]+', '-', name.lower())}.conll"

    def label_once(self, contender: Contender) -> tuple[float, Ended]:
        """Labels; words a second, as the program's own clock has it from the loaded model on."""
        if contender.name in (SOUND, SOUND_BF16):
            ended = self.run(contender.command, self.tagged(contender.name))
            found = re.search(r": (\d+) words/s", ended.errors)
            if found is None:
                raise SystemExit(f"gleaner predict did not report its speed: {ended.errors}")
            return float(found[1]), ended
        ended = self.run(contender.command)
        event = json.loads(ended.lines[-1].text)
        return event["words"] / event["seconds"], ended

    def best_batches(self, graph: Path) -> dict[str, int]:
        """The fastest batch of each peer on some of the sentences."""
        text = self.write_sentences("calibration.conll", self.args.calibrate)
        sizes = [int(size) for size in self.args.batches.split(",")]
        speeds: dict[str, dict[int, float]] = {PYTORCH: {}, ONNX: {}}
        for size in sizes:
            contenders = self.labellers(graph, text, {PYTORCH: size, ONNX: size})
            for contender in (c for c in contenders if c.name in speeds):
                speed, _ = self.label_once(contender)
                speeds[contender.name][size] = speed
                say(f"batches of {size}: {contender.name}: {speed:.0f} words/s")
        return {name: max(of, key=lambda size: of[size]) for name, of in speeds.items()}

    def labelling(self, graph: Path, figures: list[Figure]) -> Section:
        """All programs label the same words."""
        text = self.write_sentences("words.conll", self.args.sentences)
        contenders = self.labellers(graph, text, self.best_batches(graph))
        for number, contender in in_turn(contenders, self.args.runs):
            speed, ended = self.label_once(contender)
            contender.add(words_a_second=speed)
            self.add_memory(contender, ended)
            say(f"labelling, run {number}: {contender.name}: {speed:.0f} words/s")
        for contender in contenders[1:]:
            share = share_equal(self.tagged(SOUND), self.tagged(contender.name))
            contender.add(words_equal_percent=100 * share)
        return Section("Labelling", contenders, figures, LABELLING_NOTE)

    def startup(self, graph: Path, figures: list[Figure]) -> Section:
        """One sentence in a fresh process; the first round only fills the system's file cache."""
        text = self.write_sentences("one.conll", 1)
        contenders = self.labellers(graph, text, {PYTORCH: 1, ONNX: 1})
        for contender in contenders:
            if contender.name in (PYTORCH, ONNX):
                contender.command = [*contender.command[:-1], "/dev/stdout"]
        for number, contender in in_turn(contenders, self.args.runs + 1):
            ended = self.run(contender.command)
            if number > 1:
                contender.add(first_seconds=ended.lines[0].seconds)
                self.add_memory(contender, ended)
        return Section("A fresh process, one sentence", contenders, figures)


def training_speed(ended: Ended) -> tuple[float, float]:
    """Pieces per epoch, and pieces per second between the ends of the first epoch and the last."""
    ends: list[float] = []
    pieces: list[float] = []
    for line in ended.lines:
        event = json.loads(line.text)
        if event["event"] not in ("epoch", "warm-up"):
            continue
        ends.append(line.seconds)
        if "pieces-a-second" in event:  # Gleaner's means are over all epochs so far
            pieces.append(event["pieces-a-second"] * event["seconds"] - sum(pieces))
        else:
            pieces.append(event["pieces"])
    return round(pieces[-1]), sum(pieces[1:]) / (ends[-1] - ends[0])


def same_pieces(contenders: list[Contender]) -> None:
    """Refuses a comparison of programs that did not train the same pieces."""
    of = {c.name: set(c.figures["pieces_an_epoch"]) for c in contenders}
    for contender in contenders:
        if contender.rival and of[contender.name] != of[contender.rival]:
            raise SystemExit(f"pieces per epoch differ: {of}")


def share_equal(one: Path, other: Path) -> float:
    """The share of words with equal tags; an error if the words differ."""
    equal = words = 0
    with one.open(encoding="utf-8") as a, other.open(encoding="utf-8") as b:
        for x, y in zip_longest(a, b, fillvalue=""):
            left, right = x.rstrip("\n").split("\t"), y.rstrip("\n").split("\t")
            if left[0] != right[0]:
                raise SystemExit(f"{one} and {other} differ in a word: {left[0]!r}, {right[0]!r}")
            words += len(left) > 1
            equal += len(left) > 1 and left == right
    return equal / words
