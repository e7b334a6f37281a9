"""A first tagger in Python: train on a DataFrame, score, look at errors, label text, export.

Run it in an empty folder: ``python first_tagger.py``. It takes the Afrikaans sample that is built into Gleaner, with
the tiny encoder, and needs gleaner, pandas and numpy. With your own text, read your files into the same two columns,
and name a real encoder, such as ``intfloat/multilingual-e5-small``.
"""

import subprocess
from collections import Counter
from pathlib import Path

import gleaner
import numpy
import pandas

# %% The text: one row for each sentence, with its words and their IOB2 tags.


def read(path: Path) -> pandas.DataFrame:
    """The sentences of a file with a word and a tag on each line, and an empty line after each sentence."""
    sentences = path.read_text(encoding="utf-8").strip().split("\n\n")
    rows = [[line.split() for line in sentence.split("\n")] for sentence in sentences]
    columns = {"words": [[word for word, _ in row] for row in rows], "tags": [[tag for _, tag in row] for row in rows]}
    return pandas.DataFrame(columns)


# The package carries the command `gleaner`.
subprocess.run(["gleaner", "data", "sample", "sample", "--output", "quiet"], check=True)
train, dev, test = (read(Path("sample/af") / f"{part}.conll") for part in ("train", "dev", "test"))
print(train.assign(length=train["words"].map(len))["length"].describe())

# %% Train. Ctrl-C writes a checkpoint, from which `resume=True` continues.


def show(event: gleaner.Event) -> None:
    """Prints the score of each epoch."""
    if event["event"] == "epoch":
        record = event["record"]
        print(f"epoch {record['epoch']:2}: loss {record['train-loss']:.2f}, F1 on dev {record['dev-f1']:.3f}")


tagger = gleaner.train(train, dev=dev, encoder="sample:tiny", epochs=10, seed=1, out="my-model", progress=show)
print(tagger)

# %% Score it on sentences that it has not seen.

scores = tagger.evaluate(test)
print(scores)
table = pandas.DataFrame.from_dict({name: score._asdict() for name, score in scores.by_type.items()}, orient="index")
print(table.round(3))

# %% Look at the errors: entities that are only in the gold tags, or only in the predicted ones.


def entities(words: list[str], tags: list[str]) -> set[tuple[str, str]]:
    """The type and the words of each entity of IOB2 tags."""
    found: list[tuple[str, list[str]]] = []
    for word, tag in zip(words, tags):
        if tag.startswith("B-"):
            found.append((tag[2:], [word]))
        elif tag.startswith("I-"):
            found[-1][1].append(word)
    return {(label, " ".join(of)) for label, of in found}


wrong: Counter[str] = Counter()
for words, gold, predicted in zip(test["words"], test["tags"], tagger.tag(test["words"])):
    for label, text in entities(words, gold) ^ entities(words, predicted):
        side = "missed" if (label, text) in entities(words, gold) else "invented"
        wrong[f"{side} {label}"] += 1
        if sum(wrong.values()) <= 5:
            print(f"{side}: {label} {text!r} in: {' '.join(words)}")
print(dict(wrong))

# %% Label text. Offsets are those of Python's strings.

text = "Anna woon in Brakfontein. 😀 Die burgemeester van Oudrif het gister gepraat."
for span in tagger(text):
    assert text[span.start : span.end] == span.text
    print(f"{span.label:4} {span.text:20} {span.confidence:.2f}")

# %% Find the sentences that the tagger is least sure of, to annotate them next.

probabilities = tagger.probabilities(test["words"])
doubt = numpy.array([1.0 - numpy.min(numpy.max(of, axis=1)) for of in probabilities])
for at in doubt.argsort()[::-1][:3]:
    print(f"{doubt[at]:.2f} {' '.join(test['words'][at])}")

# %% Use it elsewhere.

print("transformers:", ", ".join(tagger.export("transformers", "for-transformers")))
print("ONNX:", ", ".join(tagger.export("onnx", "for-onnx")))
