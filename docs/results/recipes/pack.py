"""Packs the finished runs of a results folder into records.tar.xz: what each found, and the tags it gave.

python3 docs/results/recipes/pack.py RESULTS

Equal runs give equal bytes: no times, no owners, runs in the order of their names. Confidences are cut to the six decimals that gleaner
writes, for runs of earlier versions.
"""

import io
import json
import lzma
import pathlib
import sys
import tarfile

HERE = pathlib.Path(__file__).parent


def tagged(path):
    """The text of test.jsonl, as gleaner writes it."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for span in (span for line in lines for span in line["spans"]):
        for name in ("confidence", "uncalibrated"):
            span[name] = round(span[name], 6)
    compact = (json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    return "".join(line + "\n" for line in compact)


def main():
    runs = sorted(path.parent for path in pathlib.Path(sys.argv[1]).glob("runs/*/run.json"))
    with (
        lzma.open(HERE / "records.tar.xz", "wb", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for run in runs:
            for name, text in (("run.json", (run / "run.json").read_text()), ("test.jsonl", tagged(run / "test.jsonl"))):
                entry = tarfile.TarInfo(f"runs/{run.name}/{name}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
    print(f"{len(runs)} runs")


if __name__ == "__main__":
    main()
