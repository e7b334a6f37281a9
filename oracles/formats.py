#!/usr/bin/env python3
"""Make files of other libraries that the readers of gleaner-corpus must read.

oracles/formats.py [zstd] [spacy]      # default: both

`zstd.parquet` is written by pyarrow with Zstandard: 3,000 rows with the words and tags that `rows` describes, so that its
pages need every part of the format. `documents.spacy` is written by spaCy: the documents of `documents`.
"""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
NAMES = ["O", "B-PER", "I-PER"]


def rows():
    """The words and tags of row `n`: words `w<k>` for squares k, every third one Anna."""
    for n in range(3000):
        words = ["Anna" if k % 3 == 0 else f"w{(n * n + k * k) % 997}" for k in range(n % 5 + 1)]
        yield words, [1 if word == "Anna" else 0 for word in words]


def zstd():
    import json

    import pyarrow
    import pyarrow.parquet

    words, tags = zip(*rows())
    names = {"info": {"features": {"ner_tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}}}}}
    table = pyarrow.table({"tokens": words, "ner_tags": tags}).replace_schema_metadata({"huggingface": json.dumps(names)})
    pyarrow.parquet.write_table(table, FOLDER / "zstd.parquet", compression="zstd", use_dictionary=False)


def spacy():
    import spacy
    from spacy.tokens import Doc, DocBin, Span

    vocab = spacy.blank("xx").vocab
    first = Doc(vocab, words=["Ånna", "Berg", "det", "\n", "LOC", "."], spaces=[True, True, False, False, False, False],
                sent_starts=[True, False, False, False, True, False])
    first.ents = [Span(first, 0, 2, label="PERSON"), Span(first, 4, 5, label="MY TYPE")]
    second = Doc(vocab, words=["Bo", "hums"])
    second.ents = []
    DocBin(docs=[first, second]).to_disk(FOLDER / "documents.spacy")


if __name__ == "__main__":
    for name in sys.argv[1:] or ["zstd", "spacy"]:
        {"zstd": zstd, "spacy": spacy}[name]()
