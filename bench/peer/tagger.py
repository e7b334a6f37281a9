"""A BERT-BiLSTM-CRF tagger in PyTorch, as a peer to time Gleaner against: trains and labels."""

import argparse
import os
import resource
import time
from pathlib import Path

from machine import physical_cores
from text import by_length, open_saved, read_words, report, write_tagged


def peak_kib() -> int:
    """The most memory that this process has held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def train(args: argparse.Namespace) -> None:
    """Trains; a line of JSON when the first epoch starts, and one an epoch."""
    import training

    training.run(
        training.Plan(
            encoder=args.encoder,
            data=args.data,
            variant=args.variant,
            bf16=args.bf16,
            active_rows=args.active_rows,
            epochs=args.epochs,
            batch=args.batch or (32 if args.variant == "published" else 16),
            seed=args.seed,
            out=args.out,
        )
    )
    report(event="done", peak_kib=peak_kib())


def adapt(args: argparse.Namespace) -> None:
    """Trains an encoder on hidden pieces; a line of JSON per step."""
    import adapting

    adapting.run(
        adapting.Plan(
            encoder=args.encoder,
            text=args.text,
            steps=args.steps,
            batch=16,
            length=128,
            hidden_only=args.hidden_only,
            active_rows=args.active_rows,
            bf16=args.bf16,
            seed=args.seed,
        )
    )
    report(event="done", peak_kib=peak_kib())


def label(args: argparse.Namespace) -> None:
    """Labels a file with a model that Gleaner saved; the clock starts when the model is loaded."""
    import torch

    from model import collate
    from saved import load
    from text import Pieces

    saved = open_saved(args.model)
    model = load(saved)
    pieces = Pieces(args.model)
    started = time.perf_counter()
    sentences = read_words(args.file)
    pieced = pieces.sentences(sentences, saved.limit)
    tags: list[list[str]] = [[] for _ in sentences]
    with torch.inference_mode():
        for indices in by_length([len(p.ids) for p in pieced], args.batch):
            ids = [pieced[i].ids for i in indices]
            batch = collate(ids, [pieced[i].starts[:-1] for i in indices], None, saved.pad)
            for i, best in zip(indices, model.decode(model.emissions(batch), batch), strict=True):
                tags[i] = [saved.labels[tag] for tag in best]
    write_tagged(args.out, sentences, tags)
    seconds = time.perf_counter() - started
    words = sum(map(len, sentences))
    report(event="labelled", words=words, seconds=seconds, peak_kib=peak_kib())


def random_base(args: argparse.Namespace) -> None:
    """Writes an encoder of multilingual BERT's shapes with random weights, once."""
    import saved

    if not (args.folder / "model.safetensors").is_file():
        saved.write_random_base(args.folder, args.tokenizer)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__)
    top.add_argument("--threads", type=int, default=physical_cores())
    commands = top.add_subparsers(required=True)

    command = commands.add_parser("train", help="train on WikiANN's 80/10/10 split")
    command.add_argument("--encoder", type=Path, required=True)
    command.add_argument("--data", type=Path, required=True, help="WikiANN's folder of a language")
    command.add_argument("--variant", choices=["dynamic", "published"], default="dynamic")
    command.add_argument("--bf16", action="store_true", help="autocast the network to bfloat16")
    command.add_argument("--active-rows", action="store_true", help="train used embeddings only")
    command.add_argument("--epochs", type=int, default=4)
    command.add_argument("--batch", type=int)
    command.add_argument("--seed", type=int, default=42)
    command.add_argument("--out", type=Path, help="write the best state to this file")
    command.set_defaults(run=train)

    command = commands.add_parser("adapt", help="train an encoder on hidden pieces of a text")
    command.add_argument("--encoder", type=Path, required=True)
    command.add_argument("--text", type=Path, required=True, help="columns of words and tags")
    command.add_argument("--steps", type=int, required=True)
    command.add_argument("--hidden-only", action="store_true", help="score hidden pieces only")
    command.add_argument("--active-rows", action="store_true", help="train used embeddings only")
    command.add_argument("--bf16", action="store_true", help="autocast the network to bfloat16")
    command.add_argument("--seed", type=int, default=42)
    command.set_defaults(run=adapt)

    command = commands.add_parser("label", help="label a file with a model that Gleaner saved")
    command.add_argument("model", type=Path)
    command.add_argument("file", type=Path)
    command.add_argument("--batch", type=int, default=32)
    command.add_argument("--out", type=Path, required=True)
    command.set_defaults(run=label)

    command = commands.add_parser("random-base", help=random_base.__doc__)
    command.add_argument("folder", type=Path)
    command.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json")
    command.set_defaults(run=random_base)
    return top


def main() -> None:
    """Sets the threads before PyTorch is loaded, and runs a command."""
    args = parser().parse_args()
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    os.environ["RAYON_NUM_THREADS"] = str(args.threads)
    if args.run is not random_base:
        import torch

        torch.set_num_threads(args.threads)
    args.run(args)


if __name__ == "__main__":
    main()
