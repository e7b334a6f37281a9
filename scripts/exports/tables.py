"""Libraries for data sets and columns: datasets, pyarrow, pandas, conllu, conlleval, seqeval."""

import csv
import importlib.metadata

import conllu
import pandas
import pyarrow.parquet
from conlleval import evaluate
from datasets import ClassLabel, Dataset, Features, Value, disable_progress_bars, load_dataset
from seqeval.metrics.sequence_labeling import get_entities

from corpus import check_read, convert, counts, entities, equal

try:
    from datasets import List
except ImportError:
    from datasets import Sequence as List


def load(kind, path):
    """A file as the library `datasets` loads it."""
    return load_dataset(kind, data_files=str(path), split="train", cache_dir=str(path.parent / "cache"))


def check_json(source, sentences):
    for name, target in {"jsonl": ".jsonl", "json": ".json"}.items():
        rows = load("json", convert(source, source.with_suffix(target), "--to", name))
        equal(zip(rows["tokens"], rows["tags"]), map(tuple, sentences), f"datasets on {name}")


def names_of(sentences):
    return ["O"] + sorted({tag for _, tags in sentences for tag in tags if tag != "O"})


def as_data_set(sentences):
    """A data set as on the hub, with numbers for tags."""
    names = names_of(sentences)
    features = Features({"id": Value("string"), "tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=names))})
    rows = {"id": [], "tokens": [], "ner_tags": []}
    for at, (words, tags) in enumerate(sentences):
        for key, value in zip(rows, (str(at), words, [names.index(tag) for tag in tags])):
            rows[key].append(value)
    return Dataset.from_dict(rows, features=features)


def check_parquet(source, sentences):
    ours = convert(source, source.with_suffix(".parquet"), "--to", "parquet")
    rows = load("parquet", ours)
    names = rows.features["ner_tags"].feature.names
    equal(((words, [names[tag] for tag in tags]) for words, tags in zip(rows["tokens"], rows["ner_tags"])),
          sentences, "datasets on parquet")
    table = pyarrow.parquet.read_table(ours)
    equal(table["tokens"].to_pylist(), (words for words, _ in sentences), "pyarrow on parquet")
    equal(pandas.read_parquet(ours)["tokens"].map(list), (words for words, _ in sentences), "pandas on parquet")


def check_data_set(source, sentences):
    """Files that `datasets`, pyarrow and pandas write."""
    made = as_data_set(sentences)
    folder = source.with_name(source.stem + "-datasets")
    folder.mkdir(exist_ok=True)
    made.to_parquet(folder / "train.parquet")
    check_read(folder / "train.parquet", sentences)
    table = pyarrow.parquet.read_table(folder / "train.parquet")
    for compression in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
        for version in ["1.0", "2.0"]:
            target = folder / f"{compression}-{version}.parquet"
            pyarrow.parquet.write_table(table, target, compression=compression, data_page_version=version, row_group_size=100)
            check_read(target, sentences)
    frame = pandas.DataFrame([{"tokens": words, "tags": tags} for words, tags in sentences])
    frame.to_parquet(folder / "pandas.parquet")
    check_read(folder / "pandas.parquet", sentences)
    # Numbers, whose names are in the `dataset_info.json` that `save_to_disk` writes.
    made.save_to_disk(str(folder))
    made.to_json(folder / "train.jsonl")
    made.to_json(folder / "train.json", lines=False, batch_size=len(made))
    frame.to_json(folder / "pandas.jsonl", orient="records", lines=True)
    frame.to_json(folder / "pandas.json", orient="records", indent=1)
    for name in ["train.jsonl", "train.json", "pandas.jsonl", "pandas.json"]:
        check_read(folder / name, sentences)


def check_csv(source, sentences):
    ours = convert(source, source.with_suffix(".csv"), "--to", "csv")
    with open(ours, encoding="utf-8", newline="") as file:
        plain = list(csv.DictReader(file, strict=True))
    frame = pandas.read_csv(ours, dtype=str, keep_default_na=False)
    equal(frame.to_dict("records"), plain, "pandas and the csv module on CSV")
    # As notebooks read Kaggle's file.
    frame["Sentence #"] = frame["Sentence #"].replace("", None).ffill()
    grouped = frame.groupby("Sentence #", sort=False)[["Word", "Tag"]].agg(list)
    equal(zip(grouped["Word"], grouped["Tag"]), map(tuple, sentences), "pandas on CSV")
    filled, quoted, tabbed = (source.with_name(f"{source.stem}-{name}.csv") for name in ("filled", "quoted", "tabbed"))
    frame.to_csv(filled, index=False)
    check_read(filled, sentences)
    with open(quoted, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, plain[0].keys(), quoting=csv.QUOTE_ALL, delimiter=";")
        writer.writeheader()
        writer.writerows(plain)
    check_read(quoted, sentences)
    frame.to_csv(tabbed, sep="\t")
    check_read(tabbed, sentences, "--format", "csv")


def check_columns(source, sentences):
    ours = convert(source, source.with_suffix(".conllup"), "--to", "conllup")
    parsed = conllu.parse(ours.read_text("utf-8"))
    equal((([token["form"] for token in sent], [token["ner"] for token in sent]) for sent in parsed),
          sentences, "conllu on CoNLL-U Plus")
    theirs = source.with_name(source.stem + "-conllu.conllup")
    theirs.write_text("".join(sentence.serialize() for sentence in parsed), "utf-8")
    check_read(theirs, sentences)


def check_entities(source, sentences):
    """Two scorers find the same entities in CoNLL as Gleaner's other formats have."""
    ours = convert(source, source.with_name(source.stem + "-columns.conll"), "--to", "conll")
    lines = ours.read_text("utf-8").splitlines()
    doubled = [line and line + "\t" + line.split("\t")[1] for line in lines]
    result = evaluate(doubled)["overall"]["chunks"]["stats"]
    assert result["gold"] == result["correct"] == sum(len(entities(tags)) for _, tags in sentences), result
    for _, tags in sentences:
        equal(((first, last + 1, name) for name, first, last in get_entities(tags)), entities(tags), "seqeval")


def check(source, sentences):
    disable_progress_bars()
    check_json(source, sentences)
    check_parquet(source, sentences)
    check_data_set(source, sentences)
    check_csv(source, sentences)
    check_columns(source, sentences)
    check_entities(source, sentences)
    libraries = ["datasets", "pyarrow", "pandas", "conllu", "conlleval", "seqeval"]
    shown = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries)
    print(f"{shown}: {counts(sentences)}")
