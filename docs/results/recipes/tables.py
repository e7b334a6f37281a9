"""Fill the tables of README.md from comparisons.csv, means.csv and calibration.csv, which `gleaner study report` writes.

python3 docs/results/recipes/tables.py

A comment above each table names it: `<!-- gains -->`, `<!-- comparison KIND -->`, `<!-- calibration -->` or
`<!-- calibration EXPERIMENT -->`. An experiment that lacks a language, or whose languages have different numbers of seeds, gets dashes
and no mean.
"""

import csv
import pathlib
import re

HERE = pathlib.Path(__file__).parent
LANGUAGES = ["mg", "fo", "co", "hsb", "bh", "cv"]
# The experiments of the CSV files and their names on the page.
KINDS = {
    "recipe tuned": "`tuned`",
    "transfer, fine-tuned": "transfer, one source",
    "recipe several": "transfer, nine sources",
    "transfer, zero-shot": "zero-shot, one source",
    "recipe self-published": "self-training as published",
    "recipe self": "self-training, partial labels",
    "recipe several-self": "nine sources, then self-training",
    "recipe several against tuned": "nine sources against `tuned`",
    "recipe self-published against tuned": "self-training as published, against `tuned`",
    "recipe self against tuned": "self-training, partial labels, against `tuned`",
    "recipe several-self against several": "self-training after nine sources against nine sources",
}


# Verdicts of earlier versions and their names today.
VERDICTS = {"real": "significant", "real loss": "significant loss", "not shown": "not significant"}


def rows(name):
    with open(HERE / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


COMPARISONS, MEANS, CALIBRATION = map(rows, ["comparisons.csv", "means.csv", "calibration.csv"])


def signed(number):
    return f"{number:+.1f}".replace("-", "−")


def interval(row, low, high, places=1):
    return " to ".join(f"{float(row[end]):+.{places}f}".replace("-", "−") for end in (low, high))


def of(kind, subset):
    """The rows of a comparison by language, and the row of their mean if it covers all languages."""
    chosen = {r["language"]: r for r in COMPARISONS if (r["experiment"], r["entities_compared"]) == (kind, subset)}
    mean = [r for r in MEANS if (r["experiment"], r["entities_compared"]) == (kind, subset)]
    complete = all(language in chosen for language in LANGUAGES)
    alike = len({row["seeds"] for row in [*chosen.values(), *mean]}) == 1
    return chosen, mean[0] if complete and alike and mean else None


def line(cells):
    return "| " + " | ".join(cells) + " |"


def gains():
    yield line(["gain over the baseline, or over the recipe named", *LANGUAGES, "mean", "95 % interval", "p (Holm)", "significant in", "seeds"])
    yield "|" + "---|" * (len(LANGUAGES) + 6)
    for kind, name in KINDS.items():
        chosen, mean = of(kind, "all")
        if not chosen:
            continue
        cells = []
        for row in [*map(chosen.get, LANGUAGES), *([mean] if mean else [])]:
            gain = signed(float(row["gain"])) if row else "–"
            # Without a mean, p-values are not corrected for all languages.
            cells.append(f"**{gain}**" if mean and named(row).startswith("significant") else gain)
        if mean:
            cells += [interval(mean, "gain_low", "gain_high"), chance(mean["p_holm"])]
            gains = sum(named(row) == "significant" for row in chosen.values())
            losses = sum(named(row) == "significant loss" for row in chosen.values())
            cells += [f"{gains} of {len(LANGUAGES)}" + (f", loss in {losses}" if losses else ""), mean["seeds"]]
        else:
            cells += ["open", "", "", "", ""]
        yield line([name, *cells])


def chance(p):
    return "<0.001" if float(p) < 0.001 else f"{float(p):.3f}"


def named(row):
    """The verdict of a row, in today's words."""
    return VERDICTS.get(row["verdict"], row["verdict"])


def verdict(row):
    """The verdict, marked where it holds for one seed only."""
    one_seed = named(row).startswith("significant") and row["seeds"] == "1"
    return named(row) + (" (one seed)" if one_seed else "")


def comparison(kind):
    chosen, mean = of(kind, "all")
    unseen, unseen_mean = of(kind, "unseen")
    leak_free, leak_free_mean = of(kind, "leak-free")
    cell = lambda row, show: show(row) if row else "–"
    yield line(["", *LANGUAGES, "mean"])
    yield "|" + "---|" * (len(LANGUAGES) + 2)
    for name, all_rows, all_mean, show in [
        ("compared with, F1", chosen, mean, lambda r: f"{100 * float(r['baseline_f1']):.1f}"),
        ("F1", chosen, mean, lambda r: f"{100 * float(r['f1']):.1f}"),
        ("gain, points", chosen, mean, lambda r: signed(float(r["gain"]))),
        ("95 % interval", chosen, mean, lambda r: interval(r, "gain_low", "gain_high")),
        ("p", chosen, mean, lambda r: chance(r["p"])),
        ("p, corrected (Holm)", chosen, mean, lambda r: chance(r["p_holm"])),
        ("verdict", chosen, mean, verdict),
        ("gain, leak-free sentences", leak_free, leak_free_mean, lambda r: signed(float(r["gain"]))),
        ("gain, unseen mentions", unseen, unseen_mean, lambda r: signed(float(r["gain"]))),
    ]:
        yield line([name, *(cell(all_rows.get(language), show) for language in LANGUAGES), cell(all_mean, show)])


def calibrated(row):
    before, after = (f"{float(row[key]):.3f}" for key in ("ece_uncalibrated", "ece"))
    change = f"{float(row['ece_change']):+.3f}".replace("-", "−")
    return [before, after, change, interval(row, "ece_change_low", "ece_change_high", 3)]


def calibration(experiment=None):
    yield line(["" if experiment else "mean of six languages", "before", "after", "change", "95 % interval"])
    yield "|" + "---|" * 5
    for row in CALIBRATION:
        known = {r["language"] for r in CALIBRATION if r["experiment"] == row["experiment"]}
        if experiment is None and row["language"] == "mean" and known.issuperset(LANGUAGES):
            yield line([KINDS.get(row["experiment"], row["experiment"]), *calibrated(row)])
        if experiment == row["experiment"]:
            yield line([row["language"], *calibrated(row)])


def filled(match):
    name, _, about = match["name"].partition(" ")
    table = {"gains": gains, "comparison": lambda: comparison(about), "calibration": lambda: calibration(about or None)}
    return match["comment"] + "\n".join(table[name]()) + "\n\n"


PAGE = HERE / "README.md"
TABLE = re.compile(r"(?P<comment><!-- (?P<name>.*?) -->\n\n?)(?:\|.*\n)*\n*")
PAGE.write_text(TABLE.sub(filled, PAGE.read_text(encoding="utf-8")).rstrip() + "\n", encoding="utf-8")
