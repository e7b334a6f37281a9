"""Packs the finished runs of a results folder: what each found, and the tags that it gave.

python3 docs/results/pack.py RESULTS PAGE     # writes PAGE/records.tar.xz

Equal runs give equal bytes: no times, no owners, runs in the order of their names. Confidences are cut to the six
decimals that gleaner writes, for runs of earlier versions. A study continues in a folder into which the records were
unpacked; a run whose start is not finished there is done again first.
"""

import io
import json
import lzma
import pathlib
import sys
import tarfile


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
        lzma.open(pathlib.Path(sys.argv[2], "records.tar.xz"), "wb", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for run in runs:
            texts = {name: run / name for name in ("annotated.json", "run.json", "test.jsonl")}
            for name, path in texts.items():
                if not path.exists():
                    continue
                text = tagged(path) if name == "test.jsonl" else path.read_text()
                entry = tarfile.TarInfo(f"runs/{run.name}/{name}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
    print(f"{len(runs)} runs")


if __name__ == "__main__":
    main()
