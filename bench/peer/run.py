"""Times Gleaner and its peers in turn, and writes the ratios down.

python bench/peer/run.py --gleaner target/release/gleaner --encoder DIR --data DIR --text FILE \
    --base-tokenizer FILE --runs 5
"""

import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

import compare
import machine
import markdown
from measure import say

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
SECTIONS = ("train-small", "train-base", "label", "startup", "memory")


def arguments() -> argparse.Namespace:
    """The command line."""
    top = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--gleaner", type=Path, required=True, help="the program, a release build")
    top.add_argument("--encoder", type=Path, required=True, help="folder of a BERT-family encoder")
    top.add_argument("--data", type=Path, required=True, help="WikiANN's folder of a language")
    top.add_argument("--text", type=Path, required=True, help="text, one sentence per line")
    top.add_argument("--runs", type=int, default=5)
    top.add_argument("--only", default=",".join(SECTIONS), help=f"of {', '.join(SECTIONS)}")
    top.add_argument("--out", type=Path, help="the result [default: bench/results/DATE-CPU.md]")
    top.add_argument("--threads", type=int, default=machine.physical_cores())
    top.add_argument(
        "--epochs", type=int, default=4, help="of the small encoder; the first warms up"
    )
    top.add_argument("--epochs-base", type=int, default=3, help="likewise, of the base encoder")
    top.add_argument(
        "--without-published", action="store_true", help="leave the published protocol's training out"
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
    args.out = (args.out or default_out()).resolve()
    if args.base_tokenizer is not None:
        args.base_tokenizer = args.base_tokenizer.resolve()
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


def default_out() -> Path:
    """A name of date and processor."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", machine.processor()).strip("-").lower()
    return REPOSITORY / "bench" / "results" / f"{datetime.date.today()}-{name}.md"


def main() -> None:
    """Measures section by section; the result is written again after each."""
    args = arguments()
    peers = compare.Peers(args, HERE)
    facts = [("date", str(datetime.date.today())), *machine.facts(args.threads)]
    facts += [("Gleaner", gleaner_version(args)), *machine.versions(), *peers.bare()]
    paths = markdown.Placeholders(
        {
            args.gleaner: "$GLEANER",
            args.encoder: "$ENCODER",
            args.data: "$DATA",
            args.text: "$TEXT",
            args.base: "$BASE",
            peers.model: "$MODEL",
            args.work: "$WORK",
            Path(sys.executable): "python",
            HERE: "bench/peer",
            args.out: "$OUT",
            **({args.base_tokenizer: "$BASE_TOKENIZER"} if args.base_tokenizer else {}),
        }
    )
    started = ["python", "bench/peer/run.py", *map(paths.hide, map(whole, sys.argv[1:]))]
    sections: list[markdown.Section] = []
    for measured in peers.sections():
        sections.append(measured)
        commands = [" ".join(started), *map(paths.command, peers.preparations)]
        title = f"Gleaner and its peers, {facts[0][1]}"
        markdown.write(args.out, markdown.document(title, facts, commands, sections, paths))
        print("\n".join(measured.tables()), flush=True)
    say(f"written: {args.out}")


if __name__ == "__main__":
    main()
