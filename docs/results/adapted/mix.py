#!/usr/bin/env python3
"""Mixes an encoder and its adapted copy: mix.py ORIGINAL ADAPTED OUT [--share X] [--keep-layers N]

The result has the share X (default: 1) of the adapted weights and the rest of the original ones; the N top layers
(default: 0) are the original ones. Needs numpy and safetensors.
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


def own_name(name: str) -> str:
    """The name without the prefix that a file with a masked-language head has."""
    return name.removeprefix("bert.")


def main() -> None:
    parser = argparse.ArgumentParser()
    for folder in ("original", "adapted", "out"):
        parser.add_argument(folder, type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--keep-layers", type=int, default=0)
    args = parser.parse_args()
    original, adapted = (load_file(folder / "model.safetensors") for folder in (args.original, args.adapted))
    adapted = {own_name(name): values for name, values in adapted.items()}
    layers = 1 + max(int(name.split("layer.")[1].split(".")[0]) for name in original if "layer." in name)
    kept = tuple(f"layer.{number}." for number in range(layers - args.keep_layers, layers))

    def mixed(name: str, values: np.ndarray) -> np.ndarray:
        values = values.astype(np.float32)
        other = adapted.get(own_name(name))
        if other is None or any(layer in name for layer in kept):
            return values
        return (1 - args.share) * values + args.share * other.astype(np.float32)

    args.out.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(args.original / name, args.out)
    save_file({name: mixed(name, values) for name, values in original.items()}, args.out / "model.safetensors")


if __name__ == "__main__":
    main()
