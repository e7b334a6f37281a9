"""The tagger in the formats of all programs."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import machine
from compare import ONNX, ONNX_INT8, OPENVINO, OPENVINO_INT8, PYTORCH, SOUND, SOUND_INT8, Bench
from measure import say


@dataclass(frozen=True)
class Peer:
    """A program to compare with: the words of its command before the text, and its rival."""

    name: str
    rival: str
    script: str
    models: list[Path]

    @property
    def tries_parallel(self) -> bool:
        """Whether it can label several batches at a time."""
        return not self.name.startswith(PYTORCH)


class Taggers:
    """The tagger of each program."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.args = bench.args
        self.model: Path = (self.args.model or bench.work / "model").resolve()
        self.int8: Path | None = None
        self.peers: list[Peer] = []

    def prepare(self) -> None:
        """Trains the tagger and converts it for the peers."""
        self.make_model()
        graphs = self.bench.work / "graphs"
        graphs.mkdir(exist_ok=True)
        onnx, openvino = graphs / "onnxruntime.onnx", graphs / "openvino.xml"
        for script, graph in (("onnx_label.py", onnx), ("openvino_label.py", openvino)):
            self.bench.prepare(self.bench.python(script, "export", self.model, graph))
        self.peers = [
            Peer(PYTORCH, SOUND, "tagger.py", [self.model]),
            Peer(ONNX, SOUND, "onnx_label.py", [self.model, onnx]),
            Peer(OPENVINO, SOUND, "openvino_label.py", [self.model, openvino]),
        ]
        if self.args.int8:
            self.make_int8(onnx, openvino)

    def make_model(self) -> None:
        """The tagger that all label with, unless it exists."""
        if self.args.model is not None or self.is_trained():
            return
        shutil.rmtree(self.model, ignore_errors=True)
        self.bench.prepare([
            self.args.gleaner, "train", "--encoder", self.args.encoder, "--data", self.args.data,
            "--split", "80-10-10", "--drop-leaks", "false", "--epochs", str(self.args.model_epochs),
            "--threads", str(self.args.threads), "--output", "quiet", "--out", self.model,
        ])  # fmt: skip

    def is_trained(self) -> bool:
        """Whether the tagger exists, trained with the encoder, data and epochs of this command."""
        saved = self.model / "gleaner.json"
        if not saved.is_file():
            return False
        settings = json.loads(saved.read_text(encoding="utf-8"))["settings"]
        args = self.args
        wanted = (str(args.encoder), str(args.data), args.model_epochs)
        return wanted == tuple(settings[key] for key in ("encoder", "data", "epochs"))

    def make_int8(self, onnx: Path, openvino: Path) -> None:
        """The tagger in int8, of every program that has it."""
        self.int8 = self.make_gleaner_int8()
        quantized = onnx.with_stem(f"{onnx.stem}-int8")
        has_vnni = {"avx512_vnni", "avx_vnni"} & set(machine.flags())
        options: list[str | Path] = [] if has_vnni else ["--reduce-range"]
        command = ["quantize", onnx, quantized, *options]
        self.bench.prepare(self.bench.python("onnx_label.py", *command))
        self.peers.append(Peer(ONNX_INT8, SOUND_INT8, "onnx_label.py", [self.model, quantized]))

        quantized = openvino.with_stem(f"{openvino.stem}-int8")
        options = ["--model", self.model, "--data", self.args.data]
        command = ["quantize", openvino, quantized, *options]
        self.bench.prepare(self.bench.python("openvino_label.py", *command))
        peer = Peer(OPENVINO_INT8, SOUND_INT8, "openvino_label.py", [self.model, quantized])
        self.peers.append(peer)

    def make_gleaner_int8(self) -> Path | None:
        """Gleaner's tagger in int8, if the program can quantise."""
        if self.args.gleaner_int8 is not None:
            return self.args.gleaner_int8
        known = subprocess.run([self.args.gleaner, "quantize", "--help"], capture_output=True)
        if known.returncode != 0:
            say(f"{self.args.gleaner} has no command `quantize`; labelling without {SOUND_INT8}")
            return None
        # Quantising writes to the model's folder, which is not ours where --model gives it.
        copy = self.bench.work / "model-int8"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.model, copy)
        threads = ("--threads", str(self.args.threads))
        # The others refuse no loss either; the tags are compared.
        self.bench.prepare([self.args.gleaner, "quantize", copy, "--max-loss", "100", *threads])
        return copy
