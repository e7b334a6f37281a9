"""The comparison of trainings."""

import json
import shutil
from pathlib import Path

from compare import PUBLISHED, PUBLISHED_BF16, PYTORCH, SOUND, SOUND_BF16, Bench, same_pieces
from markdown import Figure, Section
from measure import Contender, Ended, in_turn, say

NOTE = (
    "Whole epochs after the first, scoring on dev included. All programs train the same sentences "
    "as the same pieces; padding does not count. “PyTorch” pads to the longest of a batch of "
    "similar length; “active rows” trains only the embeddings in use, as Gleaner does; “published” "
    "is compared with Gleaner’s protocol of that name."
)


class Training:
    """All trainings on one encoder."""

    def __init__(self, bench: Bench, encoder: Path, epochs: int) -> None:
        self.bench = bench
        self.out = bench.work / "trained"
        data = bench.args.data
        self.settings = ["--encoder", encoder, "--data", data, "--epochs", str(epochs)]

    def gleaner(self, protocol: str, precision: str = "f32") -> list[str | Path]:
        """Gleaner's command."""
        args = self.bench.args
        return [args.gleaner, "train", *self.settings, "--protocol", protocol, "--out", self.out,
                "--precision", precision,
                "--split", "80-10-10", "--drop-leaks", "false", "--patience", "0",
                "--checkpoint-seconds", "1000000", "--output", "json",
                "--threads", str(args.threads)]  # fmt: skip

    def pytorch(self, *words: str) -> list[str | Path]:
        """PyTorch's command."""
        trained = ("--out", self.bench.work / "trained.safetensors")
        return self.bench.python("tagger.py", "train", *self.settings, *words, *trained)

    def contenders(self) -> list[Contender]:
        """The trainings that were asked for."""
        args = self.bench.args
        found = [
            Contender(SOUND, self.gleaner("sound")),
            Contender(PYTORCH, self.pytorch(), SOUND),
            Contender(f"{PYTORCH}, active rows", self.pytorch("--active-rows"), SOUND),
        ]
        if args.bf16:
            found += [
                Contender(SOUND_BF16, self.gleaner("sound", "bf16")),
                Contender(f"{PYTORCH}, bfloat16", self.pytorch("--bf16"), SOUND_BF16),
            ]
        if not args.without_published:
            published = self.pytorch("--variant", "published")
            found += [
                Contender(PUBLISHED, self.gleaner("published")),
                Contender(f"{PYTORCH}, published", published, PUBLISHED),
            ]
            if args.bf16:
                found.append(Contender(PUBLISHED_BF16, self.gleaner("published", "bf16")))
        return found

    def section(self, key: str, title: str, figures: list[Figure]) -> Section:
        """Trains with all programs in turn."""
        contenders = self.contenders()
        for number, contender in in_turn(contenders, self.bench.args.runs):
            shutil.rmtree(self.out, ignore_errors=True)
            ended = self.bench.run(contender.command)
            pieces, speed = training_speed(ended)
            contender.add(pieces_an_epoch=pieces, pieces_a_second=speed)
            self.bench.add_memory(contender, ended)
            say(f"{title}, run {number}: {contender.name}: {speed:.0f} pieces/s")
        same_pieces(contenders, "pieces_an_epoch")
        return Section(key, title, contenders, figures, NOTE)


def make_base(bench: Bench) -> None:
    """The base encoder, unless it exists."""
    args = bench.args
    if (args.base / "model.safetensors").is_file():
        return
    if args.base_tokenizer is None:
        raise SystemExit("--base-tokenizer: needed to make the base encoder")
    tokenizer = ("--tokenizer", args.base_tokenizer)
    bench.prepare(bench.python("tagger.py", "random-base", args.base, *tokenizer))


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
