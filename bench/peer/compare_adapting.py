"""The comparison of masked-language trainings."""

import json
import shutil

import tags
from compare import PYTORCH, SOUND, SOUND_BF16, Bench, same_pieces
from markdown import Figure, Section
from measure import Contender, Ended, in_turn, say

NOTE = (
    "Steps of 16 sequences of up to 128 pieces after the second step. All programs read the same "
    "sentences as the same pieces. “PyTorch” is transformers’ BertForMaskedLM, which scores all "
    "pieces of the vocabulary at all places; “hidden places” scores hidden pieces only, and "
    "“active rows” trains and scores only the embeddings in use, both as Gleaner does."
)
WARM_UP = 2


class Adapting:
    """All masked-language trainings."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.out = bench.work / "adapted"
        # As words, so that all programs cut the sentences alike.
        self.text = bench.work / "adapt.conll"
        tags.extract(bench.args.text, self.text, bench.args.sentences)

    def settings(self) -> list[str]:
        """Options that all programs have."""
        args = self.bench.args
        return ["--encoder", args.encoder, "--text", self.text, "--steps", str(args.adapt_steps)]

    def gleaner(self, precision: str = "f32") -> list[str]:
        """Gleaner's command."""
        args = self.bench.args
        return [args.gleaner, "adapt", *self.settings(), "--out", self.out,
                "--precision", precision, "--held-out", "0", "--head-steps", "0",
                "--measurements", str(args.adapt_steps), "--checkpoint-seconds", "1000000",
                "--output", "json", "--threads", str(args.threads)]  # fmt: skip

    def pytorch(self, *words: str) -> list[str]:
        """PyTorch's command."""
        return self.bench.python("tagger.py", "adapt", *self.settings(), *words)

    def contenders(self) -> list[Contender]:
        """The trainings that were asked for."""
        hidden, active = ("--hidden-only",), ("--hidden-only", "--active-rows")
        found = [
            Contender(SOUND, self.gleaner()),
            Contender(PYTORCH, self.pytorch(), SOUND),
            Contender(f"{PYTORCH}, hidden places", self.pytorch(*hidden), SOUND),
            Contender(f"{PYTORCH}, hidden places, active rows", self.pytorch(*active), SOUND),
        ]
        if self.bench.args.bf16:
            rival = self.pytorch(*active, "--bf16")
            found += [
                Contender(SOUND_BF16, self.gleaner("bf16")),
                Contender(f"{PYTORCH}, hidden places, active rows, bfloat16", rival, SOUND_BF16),
            ]
        return found

    def section(self, figures: list[Figure]) -> Section:
        """Trains with all programs in turn."""
        contenders = self.contenders()
        for number, contender in in_turn(contenders, self.bench.args.runs):
            shutil.rmtree(self.out, ignore_errors=True)
            ended = self.bench.run(contender.command)
            speed = adapting_speed(ended)
            contender.add(pieces_of_text=text_pieces(ended), pieces_a_second=speed)
            self.bench.add_memory(contender, ended)
            say(f"adapting, run {number}: {contender.name}: {speed:.0f} pieces/s")
        same_pieces(contenders, "pieces_of_text")
        return Section("adapt", "Masked-language training", contenders, figures, NOTE)


def text_pieces(ended: Ended) -> int:
    """Pieces of the whole text, special ones not counted."""
    events = (json.loads(line.text) for line in ended.lines)
    start = next(event for event in events if event["event"] == "start")
    if "texts" in start:  # Gleaner's, one for each file
        return sum(text["pieces"] for text in start["texts"])
    return start["pieces"]


def adapting_speed(ended: Ended) -> float:
    """Pieces per second between the ends of the last step of warming up and of the last step."""
    ends = []
    for line in ended.lines:
        event = json.loads(line.text)
        if event["event"] == "measured" and event["record"]["step"] >= WARM_UP:
            ends.append((event["record"]["pieces"], line.seconds))
    (first, started), (last, finished) = ends[0], ends[-1]
    return (last - first) / (finished - started)
