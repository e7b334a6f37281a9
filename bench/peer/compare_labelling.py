"""The comparison of labelling: all programs label the same words with the same tagger."""

import json
import re
from pathlib import Path

import simd
import tags
from compare import CHANGED, EQUAL, F1, FIRST, SOUND, SOUND_BF16, SOUND_INT8, WORDS, Bench
from markdown import Figure, Section
from measure import Contender, Ended, in_turn, say
from taggers import Peer, Taggers

NOTE = (
    "Reading, tokenizing and writing included, loading the model not. Tags are compared with those "
    "of Gleaner in float32."
)


class Labelling:
    """Labels with all programs in turn."""

    def __init__(self, bench: Bench, taggers: Taggers) -> None:
        self.bench = bench
        self.args = bench.args
        self.taggers = taggers

    def extract(self, name: str, count: int) -> tags.Extract:
        """The first sentences of the text, in a file of this name."""
        return tags.extract(self.args.text, self.bench.work / f"{name}.conll", count)

    def contenders(self, text: Path, settings: dict[str, list[str]]) -> list[Contender]:
        """The programs; Gleaner writes `text` with tags to standard output, peers to a file."""

        def gleaner(model: Path, *words: str) -> list[str | Path]:
            threads = ("--threads", str(self.args.threads))
            command = [self.args.gleaner, "predict", model, text, "--format", "conll"]
            return [*command, *threads, *words]

        found = [Contender(SOUND, gleaner(self.taggers.model))]
        if self.args.bf16:
            found.append(Contender(SOUND_BF16, gleaner(self.taggers.model, "--precision", "bf16")))
        if self.taggers.int8 is not None:
            found.append(Contender(SOUND_INT8, gleaner(self.taggers.int8, "--precision", "int8")))
        for peer in self.taggers.peers:
            words = [*peer.models, text, *settings[peer.name], "--out", self.tagged(peer.name)]
            command = self.bench.python(peer.script, "label", *words)
            found.append(Contender(peer.name, command, peer.rival))
        return found

    def tagged(self, name: str) -> Path:
        """Where a program's tags go."""
        return self.bench.work / f"tagged-{re.sub('[^a-z0-9]+', '-', name.lower())}.conll"

    def label_once(self, contender: Contender) -> tuple[float, Ended]:
        """Labels; words per second by the program's own clock, from the loaded model on."""
        if contender.name.startswith(SOUND):
            ended = self.bench.run(contender.command, self.tagged(contender.name))
            found = re.search(r": (\d+) words/s", ended.errors)
            if found is None:
                raise SystemExit(f"gleaner predict did not report its speed: {ended.errors}")
            return float(found[1]), ended
        ended = self.bench.run(contender.command)
        event = json.loads(ended.lines[-1].text)
        return event["words"] / event["seconds"], ended

    def best_settings(self) -> dict[str, list[str]]:
        """The fastest settings of each peer on some of the sentences: first the size of batches,
        then whether several are labelled at a time."""
        text = self.extract("calibration", self.args.calibrate).words
        sizes = self.args.batches.split(",")
        peers = self.taggers.peers
        best: dict[str, tuple[float, list[str]]] = {peer.name: (0.0, []) for peer in peers}

        def attempt(peer: Peer, words: list[str]) -> None:
            contenders = self.contenders(text, {p.name: words for p in peers})
            speed, _ = self.label_once(next(c for c in contenders if c.name == peer.name))
            say(f"{peer.name}, {' '.join(words)}: {speed:.0f} words/s")
            best[peer.name] = max(best[peer.name], (speed, words))

        for peer in peers:
            for size in sizes:
                attempt(peer, ["--batch", size])
            if peer.tries_parallel and self.args.threads > 1:
                attempt(peer, [*best[peer.name][1], "--parallel"])
        return {name: words for name, (_, words) in best.items()}

    def section(self, speed: bool, memory: list[Figure]) -> Section:
        """All programs label the same words."""
        settings = self.best_settings()
        text = self.extract("words", self.args.sentences)
        contenders = self.contenders(text.words, settings)
        for number, contender in in_turn(contenders, self.args.runs):
            try:
                words_a_second, ended = self.label_once(contender)
            except SystemExit as failure:
                # A peer that fails once must not cost the runs of all.
                if contender.name.startswith(SOUND) or number == 1:
                    raise
                say(f"labelling, run {number}: {contender.name}: {failure}")
                contender.add_failed()
                continue
            contender.add(words_a_second=words_a_second)
            self.bench.add_memory(contender, ended)
            say(f"labelling, run {number}: {contender.name}: {words_a_second:.0f} words/s")
        self.compare_tags(contenders, text.gold)
        note = f"{NOTE} {simd.NOTE}" if self.args.simd else NOTE
        figures = [WORDS, *memory, EQUAL, CHANGED, F1] if speed else memory
        return Section("label", "Labelling", contenders, figures, note)

    def compare_tags(self, contenders: list[Contender], gold: Path | None) -> None:
        """Notes how the tags of the last run agree with Gleaner's and with the text's."""
        for contender in contenders:
            own = self.tagged(contender.name)
            if contender.name != SOUND:
                found = tags.agreement(self.tagged(SOUND), own)
                contender.add(words_equal_percent=100 * found.equal)
                if found.changed is not None:
                    contender.add(entity_words_changed_percent=100 * found.changed)
            if gold is not None:
                contender.add(entity_f1_percent=100 * tags.entity_f1(gold, own))

    def startup(self, memory: list[Figure]) -> Section:
        """One sentence in a fresh process; the first round only fills the system's file cache."""
        text = self.extract("one", 1).words
        one = {peer.name: ["--batch", "1"] for peer in self.taggers.peers}
        contenders = self.contenders(text, one)
        for contender in contenders:
            if not contender.name.startswith(SOUND):
                contender.command = [*contender.command[:-1], "/dev/stdout"]
        for number, contender in in_turn(contenders, self.args.runs + 1):
            ended = self.bench.run(contender.command)
            if number > 1:
                contender.add(first_seconds=ended.lines[0].seconds)
                self.bench.add_memory(contender, ended)
        return Section("startup", "A fresh process, one sentence", contenders, [FIRST, *memory])
