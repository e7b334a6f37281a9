"""Times Gleaner's matrix products in f32 and those of MKL (PyTorch) and OpenBLAS (NumPy) in turn.

cargo bench -p gleaner-nn --bench kernels --no-run
python bench/peer/products.py --kernels target/release/deps/kernels-HASH --runs 15

The shapes are those of a batch of 1,024 pieces in a transformer layer, forward and backward. Prints
GFLOP/s, medians of the runs, as Markdown.
"""

import argparse
import ast
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import machine

PIECES = 1024
REPEATS = 15
KINDS = ("forward product", "product for inputs", "product for weights")
LINE = re.compile(r"(\d+) F32 (\w+), (product.*|forward product): .* ms, ([0-9.]+) G/s")
Speeds = dict[tuple[int, str, str], float]
"""GFLOP/s by hidden size, layer and kind of product."""


def median_seconds(work: Callable[[], object]) -> float:
    """The median time of a product, after two that are not counted."""
    times = []
    for _ in range(REPEATS + 2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def peer(library: str) -> Speeds:
    """The speeds of a library in this process."""
    import numpy

    rng = numpy.random.default_rng(1)
    of: Callable[[numpy.ndarray], object] = lambda array: array  # noqa: E731
    if library == "MKL":
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        of = torch.from_numpy
    speeds: Speeds = {}
    for hidden in (384, 768):
        for layer, inputs, outputs in (
            ("square", hidden, hidden),
            ("up", hidden, 4 * hidden),
            ("down", 4 * hidden, hidden),
        ):
            x, y, w = (
                of(rng.uniform(-1, 1, shape).astype("float32"))
                for shape in ((PIECES, inputs), (PIECES, outputs), (outputs, inputs))
            )
            works = (lambda: x @ w.T, lambda: y @ w, lambda: y.T @ x)
            for kind, work in zip(KINDS, works, strict=True):
                operations = 2 * PIECES * inputs * outputs
                speeds[hidden, layer, kind] = operations / median_seconds(work) / 1e9
    return speeds


def gleaner(kernels: Path) -> Speeds:
    """The speeds that Gleaner's benchmark prints."""
    text = printed(kernels, "F32")
    return {(int(h), layer, kind): float(speed) for h, layer, kind, speed in LINE.findall(text)}


def in_own_process(library: str) -> Speeds:
    """The speeds of a library: the thread pools of several in one process disturb each other."""
    return ast.literal_eval(printed(sys.executable, __file__, "--library", library))


def printed(*command: str | Path) -> str:
    """The output of a program."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=Path, help="the benchmark `kernels`, built")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=machine.physical_cores())
    parser.add_argument("--simd", help="the level of instructions: avx512, avx2 or portable")
    parser.add_argument("--library", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.library:
        print(peer(args.library))
        return
    threads = str(args.threads)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = threads
    os.environ.update(machine.limits(args.simd))
    programs: dict[str, Callable[[], Speeds]] = {
        "Gleaner": lambda: gleaner(args.kernels),
        "MKL": lambda: in_own_process("MKL"),
        "OpenBLAS": lambda: in_own_process("OpenBLAS"),
    }
    runs: dict[str, list[Speeds]] = {name: [] for name in programs}
    for _ in range(args.runs):
        for name, program in programs.items():
            runs[name].append(program())
    print(f"{machine.cpuinfo('model name')}, {threads} threads, GFLOP/s, medians of {args.runs}\n")
    print("| product | " + " | ".join(programs) + " | Gleaner / best other |")
    print("| --- |" + " ---: |" * (len(programs) + 1))
    ratios = []
    for key in runs["Gleaner"][0]:
        speeds = [statistics.median(run[key] for run in runs[name]) for name in programs]
        ratios.append(speeds[0] / max(speeds[1:]))
        hidden, layer, kind = key
        cells = " | ".join(f"{speed:.0f}" for speed in speeds)
        print(f"| {hidden}, {layer}, {kind} | {cells} | {ratios[-1]:.2f} |")
    mean = statistics.geometric_mean(ratios)
    print(f"\nGeometric mean of the ratios: {mean:.2f}; the lowest: {min(ratios):.2f}")


if __name__ == "__main__":
    main()
