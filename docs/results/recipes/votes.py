"""Vote over the stored predictions of several models, and print the table "Ensembles of stored predictions" of README.md.

mkdir results; tar xJf docs/results/recipes/records.tar.xz -C results
python3 docs/results/recipes/votes.py results [SHARE]

The records hold the spans that each model found, with their calibrated confidences, but not the probabilities of the spans that
only others found: those count as 0 here. `gleaner ensemble` computes them, so it is a little less strict.
"""

import collections
import json
import pathlib
import sys

LANGUAGES = ["mg", "fo", "co", "hsb", "bh", "cv"]
SETS = {
    "nine sources, seeds 1 and 2": [("several", 1), ("several", 2)],
    "nine sources, then self-training, seeds 1 and 2": [("several-self", 1), ("several-self", 2)],
    "these four": [("several", 1), ("several", 2), ("several-self", 1), ("several-self", 2)],
    "these four and `tuned`": [("several", 1), ("several", 2), ("several-self", 1), ("several-self", 2), ("tuned", 1)],
}


def entities(tags):
    """Spans (label, start, end) as seqeval's default mode reads them."""
    found, before = set(), "O"
    for at, tag in enumerate([*tags, "O"]):
        if before != "O" and (tag[:1] != "I" or tag[2:] != before[2:]):
            found.add((before[2:], start, at))
        if tag != "O" and (tag[:1] == "B" or before == "O" or tag[2:] != before[2:]):
            start = at
        before = tag
    return found


def predictions(folder):
    """By recipe, seed and language: the gold entities and the predicted spans of every test sentence."""
    of = collections.defaultdict(dict)
    for run in pathlib.Path(folder, "runs").iterdir():
        about = json.loads((run / "run.json").read_text())
        task = about["task"]
        if task["experiment"] != "recipe":
            continue
        key = (task["recipe"], about["seed"], task["target"])
        for line in (run / "test.jsonl").read_text().splitlines():
            sentence = json.loads(line)
            spans = {(s["label"], s["start"], s["end"]): s["confidence"] for s in sentence["spans"]}
            of[key][sentence["position"]] = (entities(sentence["gold"]), spans)
    return of


def vote(members, share):
    """The spans of a sentence whose mean confidence exceeds `share`; of spans that overlap, the most confident one."""
    sums = collections.Counter()
    for spans in members:
        sums.update(spans)
    kept = []
    for span, total in sorted(sums.items(), key=lambda item: (-item[1], item[0])):
        apart = all(span[2] <= other[1] or other[2] <= span[1] for other in kept)
        if total / len(members) > share and apart:
            kept.append(span)
    return set(kept)


def f1(pairs):
    correct = sum(len(gold & found) for gold, found in pairs)
    return 200 * correct / max(sum(len(gold) + len(found) for gold, found in pairs), 1)


def main():
    of = predictions(sys.argv[1])
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.4
    print("| models | " + " | ".join(LANGUAGES) + " | mean | mean of the members |\n|---|" + "---|" * 8)
    for name, members in SETS.items():
        votes, singles = [], []
        for language in LANGUAGES:
            texts = [of[(recipe, seed, language)] for recipe, seed in members]
            places = sorted(texts[0])
            assert all(sorted(text) == places for text in texts), "models of the same sentences"
            found = [vote([text[at][1] for text in texts], share) for at in places]
            votes.append(f1([(texts[0][at][0], spans) for at, spans in zip(places, found)]))
            singles.append(sum(f1([(g, set(s)) for g, s in text.values()]) for text in texts) / len(texts))
        cells = " | ".join(f"{v:.1f}" for v in votes)
        print(f"| {name} | {cells} | {sum(votes) / 6:.1f} | {sum(singles) / 6:.1f} |")


main()
