"""Times Gleaner and its peers in turn; writes the ratios as Markdown, the runs as JSON Lines.

python bench/peer/run.py --gleaner target/release/gleaner --encoder DIR --data DIR --text FILE \
    --base-tokenizer FILE --runs 5
"""

import argparse
import datetime
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import machine
import markdown
import record
import simd
from compare import LESS, PEAK, SPEED, Bench
from compare_adapting import Adapting
from compare_labelling import Labelling
from compare_training import Training, make_base
from measure import say
from taggers import Taggers

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
SECTIONS = ("train-small", "train-base", "adapt", "label", "startup", "memory")


def arguments() -> argparse.Namespace:
    """The command line."""
    top = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--gleaner", type=Path, required=True, help="the program, a release build")
    top.add_argument("--encoder", type=Path, required=True, help="folder of a BERT-family encoder")
    top.add_argument("--data", type=Path, required=True, help="WikiANN's folder of a language")
    top.add_argument(
        "--text", type=Path, required=True, help="one sentence per line, or .conll with tags"
    )
    top.add_argument("--runs", type=int, default=5)
    top.add_argument("--only", default=",".join(SECTIONS), help=f"of {', '.join(SECTIONS)}")
    top.add_argument("--out", type=Path, help="the result [default: bench/results/DATE-CPU.md]")
    top.add_argument("--simd", choices=simd.LEVELS, help="limit all programs to these instructions")
    top.add_argument("--bf16", action="store_true", help="train and label in bfloat16, too")
    top.add_argument("--int8", action="store_true", help="label in int8, too")
    top.add_argument(
        "--gleaner-int8", type=Path, help="a quantised copy of the model [default: made first]"
    )
    top.add_argument("--threads", type=int, default=machine.physical_cores())
    top.add_argument(
        "--epochs", type=int, default=4, help="of the small encoder; the first warms up"
    )
    top.add_argument("--epochs-base", type=int, default=3, help="likewise, of the base encoder")
    top.add_argument(
        "--adapt-steps", type=int, default=12, help="of masked-language training; two warm up"
    )
    top.add_argument(
        "--without-published", action="store_true", help="do not train as published"
    )
    top.add_argument("--sentences", type=int, default=10_000, help="to label")
    top.add_argument("--calibrate", type=int, default=2_000, help="sentences to choose batches by")
    top.add_argument("--batches", default="8,16,32,64", help="batch sizes to try in peers")
    top.add_argument("--model", type=Path, help="to label with [default: trained first]")
    top.add_argument("--model-epochs", type=int, default=20, help="epochs of that training")
    top.add_argument("--base", type=Path, help="the base encoder [default: WORK/base]")
    top.add_argument("--base-tokenizer", type=Path, help="tokenizer.json to make it with")
    top.add_argument("--work", type=Path, default=REPOSITORY / "target" / "peer")
    args = top.parse_args()
    args.sections = args.only.split(",")
    if unknown := set(args.sections) - set(SECTIONS):
        top.error(f"--only: no such section: {', '.join(sorted(unknown))}")
    if args.runs < 1 or min(args.epochs, args.epochs_base) < 2:
        top.error("at least one run, and two epochs: the first is not counted")
    if args.adapt_steps < 4:
        top.error("--adapt-steps: at least 4, because the first two are not counted")
    present = machine.flags()
    if args.simd is not None and args.simd not in (levels := simd.available(present)):
        top.error(f"--simd: this processor has no {args.simd}; use {' or '.join(levels)}")
    if args.bf16 and ("avx512_bf16" not in present or args.simd not in (None, "avx512")):
        top.error("--bf16: needs AVX-512 BF16")
    args.out = (args.out or default_out(args.simd)).resolve()
    for name in ("base_tokenizer", "model", "gleaner_int8"):
        if getattr(args, name) is not None:
            setattr(args, name, getattr(args, name).resolve())
    for name in ("gleaner", "encoder", "data", "text"):
        if not getattr(args, name).exists():
            top.error(f"--{name}: no such file: {getattr(args, name)}")
        setattr(args, name, getattr(args, name).resolve())
    args.base = (args.base or args.work / "base").resolve()
    args.work = args.work.resolve()
    return args


def whole(word: str) -> str:
    """A word of the command line; a path is made to start at the root."""
    return str(Path(word).resolve()) if "/" in word else word


def gleaner_version(args: argparse.Namespace) -> str:
    """What the program calls itself, and the commit of this checkout."""
    said = subprocess.run([args.gleaner, "--version"], capture_output=True, text=True, check=True)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    return f"{said.stdout.strip()}; checkout {commit.stdout.strip() or 'unknown'}"


def default_out(level: str | None) -> Path:
    """A name of date, processor and instructions."""
    parts = f"{machine.model_name()} {level or ''}"
    name = re.sub(r"[^A-Za-z0-9]+", "-", parts).strip("-").lower()
    return REPOSITORY / "bench" / "results" / f"{datetime.date.today()}-{name}.md"


def sections(bench: Bench, taggers: Taggers) -> Iterator[markdown.Section]:
    """Makes the comparisons that were asked for, one after the other."""
    args = bench.args
    chosen = set(args.sections)
    # Memory is measured while programs train and label.
    wanted = chosen | ({"train-small", "label"} if chosen - {"startup"} == {"memory"} else set())
    memory = [PEAK, LESS] if "memory" in chosen else []
    if "train-small" in wanted:
        figures = [SPEED, *memory] if "train-small" in chosen else memory
        training = Training(bench, args.encoder, args.epochs)
        yield training.section("train-small", "Training, the given encoder", figures)
    if "train-base" in wanted:
        make_base(bench)
        title = "Training, an encoder of multilingual BERT's shapes"
        training = Training(bench, args.base, args.epochs_base)
        yield training.section("train-base", title, [SPEED, *memory])
    if "adapt" in wanted:
        yield Adapting(bench).section([SPEED, *memory])
    if wanted & {"label", "startup"}:
        taggers.prepare()
        labelling = Labelling(bench, taggers)
        if "label" in wanted:
            yield labelling.section("label" in chosen, memory)
        if "startup" in wanted:
            yield labelling.startup(memory)


def facts(bench: Bench) -> list[tuple[str, str]]:
    """What a result was measured on and with."""
    args = bench.args
    level = args.simd or "not limited"
    limits = " ".join(f"{name}={value}" for name, value in machine.limits(args.simd).items())
    return [
        ("date", str(datetime.date.today())),
        *machine.facts(args.threads),
        ("`--simd`", f"{level}: {limits}" if limits else level),
        ("Gleaner", gleaner_version(args)),
        *machine.versions(),
        *bench.bare(),
    ]


def machine_record(args: argparse.Namespace) -> record.Machine:
    """The same for `summary.py`."""
    best = simd.available(machine.flags())[0]
    return record.Machine(
        date=str(datetime.date.today()),
        processor=machine.processor(),
        simd=args.simd or best,
        limited=args.simd not in (None, best),
        threads=args.threads,
        gleaner=gleaner_version(args),
        versions=dict(machine.versions()),
    )


def main() -> None:
    """Measures section by section; the result is written again after each."""
    args = arguments()
    bench = Bench(args, HERE)
    taggers = Taggers(bench)
    known = facts(bench)
    paths = markdown.Placeholders(
        {
            args.gleaner: "$GLEANER",
            args.encoder: "$ENCODER",
            args.data: "$DATA",
            args.text: "$TEXT",
            args.base: "$BASE",
            taggers.model: "$MODEL",
            args.work: "$WORK",
            Path(sys.executable): "python",
            HERE: "bench/peer",
            args.out: "$OUT",
            **({args.base_tokenizer: "$BASE_TOKENIZER"} if args.base_tokenizer else {}),
            **({args.gleaner_int8: "$MODEL_INT8"} if args.gleaner_int8 else {}),
        }
    )
    started = ["python", "bench/peer/run.py", *map(paths.hide, map(whole, sys.argv[1:]))]
    measured: list[markdown.Section] = []
    saved = record.Record(machine_record(args))
    for section in sections(bench, taggers):
        measured.append(section)
        commands = [" ".join(started), *map(paths.command, bench.preparations)]
        title = f"Gleaner and its peers, {known[0][1]}"
        markdown.write(args.out, markdown.document(title, known, commands, measured, paths))
        saved.entries += [
            record.Entry(section.key, c.name, c.rival, c.figures) for c in section.contenders
        ]
        markdown.write(args.out.with_suffix(".jsonl"), saved.text())
        print("\n".join(section.tables()), flush=True)
    say(f"written: {args.out}, and beside it the runs as .jsonl")


if __name__ == "__main__":
    main()
