"""Labelling with a graph of the tagger, for any runtime that computes its emissions."""

import argparse
import os
import resource
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from machine import physical_cores
from text import Pieced, Pieces, Saved, by_length, open_saved, read_words, report, write_tagged
from viterbi import Crf

Feeds = dict[str, np.ndarray]
Infer = Callable[[Feeds], np.ndarray]
"""`ids` and `mask` [sentences, pieces] and `lengths` [sentences] to emissions [sentences, pieces,
tags]. One call at a time."""

CRF = "crf.npz"
"""The file beside a graph that has the CRF's scores."""


def padded(rows: list[list[int]], fill: int) -> np.ndarray:
    """Rows of numbers as a matrix."""
    width = max(map(len, rows))
    return np.array([row + [fill] * (width - len(row)) for row in rows], dtype=np.int64)


def feeds(pieced: list[Pieced], pad: int) -> Feeds:
    """The inputs of a graph for a batch of sentences, padded to the longest of them."""
    ids = padded([p.ids for p in pieced], pad)
    lengths = np.array([len(p.ids) for p in pieced], dtype=np.int32)
    mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
    return {"ids": ids, "mask": mask, "lengths": lengths}


def label(args: argparse.Namespace, saved: Saved, calls: list[Infer]) -> None:
    """Labels a file, with as many batches at a time as there are `calls`; the model is loaded."""
    crf = Crf(args.graph.with_name(CRF), saved.labels, saved.constraints)
    pieces = Pieces(args.model)
    free: SimpleQueue[Infer] = SimpleQueue()
    for call in calls:
        free.put(call)
    started = time.perf_counter()
    sentences = read_words(args.file)
    pieced = pieces.sentences(sentences, saved.limit)
    tags: list[list[str]] = [[] for _ in sentences]

    def label_batch(indices: list[int]) -> None:
        batch = [pieced[i] for i in indices]
        infer = free.get()
        try:
            emissions = infer(feeds(batch, saved.pad))
        finally:
            free.put(infer)
        firsts = padded([p.starts[:-1] for p in batch], 0)
        words = np.array([len(sentences[i]) for i in indices])
        of_words = np.take_along_axis(emissions, firsts[:, :, None], axis=1)
        for i, best, count in zip(indices, crf.best(of_words, words), words, strict=True):
            tags[i] = [saved.labels[tag] for tag in best[:count]]

    batches = by_length([len(p.ids) for p in pieced], args.batch)
    with ThreadPoolExecutor(len(calls)) as pool:
        for _ in pool.map(label_batch, batches):
            pass
    write_tagged(args.out, sentences, tags)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    words = sum(map(len, sentences))
    report(event="labelled", words=words, seconds=seconds, peak_kib=peak)


class Runtime(ABC):
    """A library that computes a graph: its models on disk, and its command line."""

    @abstractmethod
    def export(self, saved: Saved, path: Path) -> None:
        """Writes the graph of a model that Gleaner saved, and the CRF's scores beside it."""

    @abstractmethod
    def quantize(self, args: argparse.Namespace) -> None:
        """Writes a graph in int8."""

    @abstractmethod
    def quantize_options(self, command: argparse.ArgumentParser) -> None:
        """Adds the options of `quantize`."""

    @abstractmethod
    def load(self, path: Path, threads: int, calls: int) -> list[Infer]:
        """Reads a graph, for a number of calls at a time that share the threads."""

    def label(self, args: argparse.Namespace) -> None:
        """Labels a file."""
        calls = self.load(args.graph, args.threads, args.threads if args.parallel else 1)
        label(args, open_saved(args.model), calls)

    def run(self, description: str | None) -> None:
        """The command line."""
        top = argparse.ArgumentParser(description=description)
        top.add_argument("--threads", type=int, default=physical_cores())
        commands = top.add_subparsers(required=True)

        command = commands.add_parser("export", help="write the graph of a saved model")
        command.add_argument("model", type=Path)
        command.add_argument("graph", type=Path, help="the file to write")
        command.set_defaults(run=lambda args: self.export(open_saved(args.model), args.graph))

        command = commands.add_parser("quantize", help="write a graph in int8")
        command.add_argument("graph", type=Path)
        command.add_argument("out", type=Path, help="the file to write, in the same folder")
        self.quantize_options(command)
        command.set_defaults(run=self.quantize)

        command = commands.add_parser("label", help="label a file")
        command.add_argument("model", type=Path)
        command.add_argument("graph", type=Path)
        command.add_argument("file", type=Path)
        command.add_argument("--batch", type=int, default=32)
        command.add_argument(
            "--parallel",
            action="store_true",
            help="label one batch per thread at a time, instead of one with all threads",
        )
        command.add_argument("--out", type=Path, required=True)
        command.set_defaults(run=self.label)

        args = top.parse_args()
        os.environ["TOKENIZERS_PARALLELISM"] = "true"
        os.environ["RAYON_NUM_THREADS"] = str(args.threads)
        args.run(args)
