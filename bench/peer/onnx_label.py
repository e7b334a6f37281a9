"""Labels with ONNX Runtime on the CPU, in float32, what Gleaner's saved tagger labels."""

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np

from machine import physical_cores
from text import (
    Pieces,
    by_length,
    forbidden,
    open_saved,
    read_words,
    report,
    write_tagged,
)

RULED_OUT = -10_000.0


class Crf:
    """Best tags of padded sentences, all sentences of a batch at once."""

    def __init__(self, path: Path, labels: list[str], constraints: bool) -> None:
        with np.load(path) as scores:
            self.start, self.end, self.transitions = (
                scores[name].copy() for name in ("start", "end", "transitions")
            )
        if constraints:
            starts, pairs = forbidden(labels)
            self.start[starts] = RULED_OUT
            for before, after in pairs:
                self.transitions[before, after] = RULED_OUT

    def best(self, emissions: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Viterbi; `emissions` [sentences, units, tags], the result [sentences, units]."""
        sentences, units, tags = emissions.shape
        rows = np.arange(sentences)
        score = self.start + emissions[:, 0]
        origin = np.zeros((units, sentences, tags), dtype=np.int64)
        for t in range(1, units):
            paths = score[:, :, None] + self.transitions
            origin[t] = paths.argmax(axis=1)
            further = paths.max(axis=1) + emissions[:, t]
            score = np.where((t < lengths)[:, None], further, score)
        tag = (score + self.end).argmax(axis=1)
        path = np.zeros((sentences, units), dtype=np.int64)
        for t in range(units - 1, -1, -1):
            path[:, t] = tag
            tag = np.where(t < lengths, origin[t, rows, tag], tag) if t else tag
        return path


def padded(rows: list[list[int]], fill: int) -> np.ndarray:
    """Rows of numbers as a matrix."""
    width = max(map(len, rows))
    return np.array([row + [fill] * (width - len(row)) for row in rows], dtype=np.int64)


def label(args: argparse.Namespace) -> None:
    """Labels a file; the clock starts when the model is loaded."""
    import onnxruntime

    saved = open_saved(args.model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(args.graph, options, ["CPUExecutionProvider"])
    crf = Crf(args.graph.with_suffix(".npz"), saved.labels, saved.constraints)
    pieces = Pieces(args.model)
    started = time.perf_counter()
    sentences = read_words(args.file)
    pieced = pieces.sentences(sentences, saved.limit)
    tags: list[list[str]] = [[] for _ in sentences]
    for indices in by_length([len(p.ids) for p in pieced], args.batch):
        ids = padded([pieced[i].ids for i in indices], saved.pad)
        lengths = np.array([len(pieced[i].ids) for i in indices], dtype=np.int32)
        mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
        feeds = {"ids": ids, "mask": mask, "lengths": lengths}
        (emissions,) = session.run(["emissions"], feeds)
        firsts = padded([pieced[i].starts[:-1] for i in indices], 0)
        words = np.array([len(sentences[i]) for i in indices])
        of_words = np.take_along_axis(emissions, firsts[:, :, None], axis=1)
        for i, best, count in zip(indices, crf.best(of_words, words), words, strict=True):
            tags[i] = [saved.labels[tag] for tag in best[:count]]
    write_tagged(args.out, sentences, tags)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    words_in_all = sum(map(len, sentences))
    report(event="labelled", words=words_in_all, seconds=seconds, peak_kib=peak)


def export(args: argparse.Namespace) -> None:
    """Writes the graph of a model that Gleaner saved."""
    import onnx_export

    onnx_export.export(open_saved(args.model), args.graph)


def main() -> None:
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__)
    top.add_argument("--threads", type=int, default=physical_cores())
    commands = top.add_subparsers(required=True)

    command = commands.add_parser("export", help=export.__doc__)
    command.add_argument("model", type=Path)
    command.add_argument("graph", type=Path, help="the .onnx file to write")
    command.set_defaults(run=export)

    command = commands.add_parser("label", help="label a file")
    command.add_argument("model", type=Path)
    command.add_argument("graph", type=Path)
    command.add_argument("file", type=Path)
    command.add_argument("--batch", type=int, default=32)
    command.add_argument("--out", type=Path, required=True)
    command.set_defaults(run=label)

    args = top.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    os.environ["RAYON_NUM_THREADS"] = str(args.threads)
    args.run(args)


if __name__ == "__main__":
    main()
