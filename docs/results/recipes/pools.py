#!/usr/bin/env python3
"""Draws the pools of study.toml: pools.py RAW CONLL POOLS

RAW holds mg.txt, fo.txt, hsb.txt and bh.txt, a sentence or paragraph a line; CONLL holds it/train.conll and
tr/train.conll, whose words become the pools of co and cv. Of each, repeated lines and lines outside 5 to 40 words are
left out, the rest is shuffled, and 1,500 lines are kept.
"""

import random
import sys
from pathlib import Path


def lines(raw: Path, conll: Path) -> dict[str, list[str]]:
    pools = {lang: (raw / f"{lang}.txt").read_text("utf-8").split("\n") for lang in ("mg", "fo", "hsb", "bh")}
    for lang, source in (("co", "it"), ("cv", "tr")):
        sentences = (conll / source / "train.conll").read_text("utf-8").split("\n\n")
        pools[lang] = [
            " ".join(line.split("\t")[0] for line in sentence.split("\n") if line) for sentence in sentences
        ]
    return pools


def main() -> None:
    raw, conll, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    for lang, pool in lines(raw, conll).items():
        kept = [line for line in dict.fromkeys(line.strip() for line in pool) if 5 <= len(line.split()) <= 40]
        random.Random(42).shuffle(kept)
        (out / f"{lang}.txt").write_text("\n".join(kept[:1500]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
