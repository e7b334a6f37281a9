#!/usr/bin/env python3
"""Compare a tagger with its form for transformers: transformers_models.py MODEL WORK TEXT...

The module's `tag` must give the tags of `gleaner predict`, whichever way the module is imported. For a linear head, the
pipeline must give the entities of the best tag of each word, and the program must read what transformers saves.
"""

import importlib
import json
import pathlib
import sys
import warnings

import transformers
from transformers import AutoModelForTokenClassification, AutoTokenizer

from text import entities, export, predicted

transformers.logging.set_verbosity_error()
warnings.filterwarnings("ignore", message="Tokenizer does not support real words")


def load(folder, **options):
    """The model, which must use all tensors of its file, and the tokenizer."""
    model, report = AutoModelForTokenClassification.from_pretrained(folder, output_loading_info=True, **options)
    assert not any(report.values()), report
    return model, AutoTokenizer.from_pretrained(folder, **options)


def equal(found, expected, what):
    for number, (one, other) in enumerate(zip(found, expected, strict=True)):
        assert one == other, f"{what}, sentence {number + 1}: {one}, expected {other}"


def with_dynamic_code(folder, sentences, expected):
    """The class that transformers imports from the folder."""
    try:
        load(folder)
        raise SystemExit(f"{folder}: loaded without its code")
    except ValueError as error:
        assert "trust_remote_code" in str(error), error
    model, tokenizer = load(folder, trust_remote_code=True)
    equal(model.tag(tokenizer, sentences, batch_size=7), expected, "trust_remote_code")


def of_pipeline(model, tokenizer, words):
    """The entities that the pipeline finds in words joined by spaces."""
    pipeline = transformers.pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="first")
    starts, at = {}, 0
    for number, word in enumerate(words):
        starts[at] = number
        at += len(word) + 1
    ends = {start + len(words[number]): number + 1 for start, number in starts.items()}
    text = " ".join(words)

    def place(entity):
        # A word whose first piece is its border alone begins at the space before it.
        start = entity["start"] + (text[entity["start"]] == " ")
        # An entity's end is missing where the pipeline cuts a word, as at punctuation.
        return entity["entity_group"], starts.get(start), ends.get(entity["end"])

    return [place(entity) for entity in pipeline(text)]


def is_whole(tokenizer, words):
    """Whether the pipeline takes each of these words as one: those of WordPiece are cut where the pre-tokenizer cuts."""
    backend = tokenizer.backend_tokenizer
    if not getattr(backend.model, "continuing_subword_prefix", None) or backend.pre_tokenizer is None:
        return True
    return all(len(backend.pre_tokenizer.pre_tokenize_str(word)) == 1 for word in words)


def with_pipeline(model, tokenizer, module, sentences, work):
    """Counts the sentences with the same entities in the pipeline. Returns the tags without the rules of IOB2."""
    rules = model.config.gleaner["constraints"]
    ruled = module.tag(model, tokenizer, sentences)
    model.config.gleaner["constraints"] = False
    free = module.tag(model, tokenizer, sentences)
    model.config.gleaner["constraints"] = rules
    same, left_out = 0, 0
    for words, tags, with_rules in zip(sentences, free, ruled):
        pieces = len(tokenizer(" ".join(words), truncation=False)["input_ids"])
        if not is_whole(tokenizer, words) or pieces > tokenizer.model_max_length:
            left_out += 1
            continue
        found = of_pipeline(model, tokenizer, words)
        assert found == entities(tags), f"{words}: {found}, expected {entities(tags)}"
        same += found == entities(with_rules)
    print(f"  pipeline: the same entities in {same} of {len(sentences)} sentences; {left_out} are long, or have words that it cuts")
    return free


def back(model, tokenizer, folder, texts, free):
    """A model that transformers saves, without the key of Gleaner, is read by the program."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    del config["gleaner"]
    path.write_text(json.dumps(config), "utf-8")
    equal([tags for text in texts for _, tags in predicted(folder, text)], free, "gleaner predict on transformers' model")


def main():
    model, work, texts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    folder = export(model, "transformers", work / "transformers")
    pairs = [pair for text in texts for pair in predicted(model, text)]
    sentences, expected = [words for words, _ in pairs], [tags for _, tags in pairs]
    config = json.loads((folder / "config.json").read_text("utf-8"))
    if "auto_map" in config:
        with_dynamic_code(folder, sentences, expected)
    sys.path.insert(0, str(folder))
    module = importlib.import_module("gleaner_tagger")
    tagger, tokenizer = load(folder)
    equal(module.tag(tagger, tokenizer, sentences), expected, "gleaner_tagger.tag")
    found = sum(len(entities(tags)) for tags in expected)
    print(f"{model.name}: {config['architectures'][0]}, {len(sentences)} sentences, {found} entities: the same tags")
    if "auto_map" not in config:
        free = with_pipeline(tagger, tokenizer, module, sentences, work)
        back(tagger, tokenizer, work / "saved", texts, free)


if __name__ == "__main__":
    main()
