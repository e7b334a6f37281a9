#!/usr/bin/env python3
"""Compare a tagger with its form for transformers: transformers_models.py MODEL WORK TEXT...

The module's `tag` must give the tags of `gleaner predict`, whichever way the module is imported. For a linear head, the
pipeline must give the entities of the best tag of each word, and the program must read what transformers saves.
"""

import importlib
import itertools
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


def of_pipeline(pipeline, words, cut):
    """The entities that the pipeline finds in words joined by spaces; `None` if one of them touches a word in `cut`."""
    starts = list(itertools.accumulate((len(word) + 1 for word in words[:-1]), initial=0))
    ends = [start + len(word) for start, word in zip(starts, words)]
    first = {start: number for number, start in enumerate(starts)}
    after = {end: number + 1 for number, end in enumerate(ends)}
    text = " ".join(words)
    found = pipeline(text)
    # The border of a word is the space before it.
    if any(entity["start"] < ends[word] and entity["end"] > starts[word] - 1 for entity in found for word in cut):
        return None

    def place(entity):
        start = entity["start"] + (text[entity["start"]] == " ")
        return entity["entity_group"], first.get(start), after.get(entity["end"])

    return [place(entity) for entity in found]


def cut_words(tokenizer, words):
    """The words that the pipeline takes as several: those of WordPiece are cut where the pre-tokenizer cuts.

    Of other tokenizers, they are the words whose first piece is their border alone: the pipeline takes the piece after a
    space as the first of another word.
    """
    backend = tokenizer.backend_tokenizer
    if not getattr(backend.model, "continuing_subword_prefix", None):
        return {number for number, word in enumerate(words) if tokenizer.tokenize(word)[:1] == ["▁"]}
    if backend.pre_tokenizer is None:
        return set()
    return {number for number, word in enumerate(words) if len(backend.pre_tokenizer.pre_tokenize_str(word)) != 1}


def with_pipeline(model, tokenizer, module, sentences, work):
    """Counts the sentences with the same entities in the pipeline. Returns the tags without the rules of IOB2."""
    rules = model.config.gleaner["constraints"]
    ruled = module.tag(model, tokenizer, sentences)
    model.config.gleaner["constraints"] = False
    free = module.tag(model, tokenizer, sentences)
    model.config.gleaner["constraints"] = rules
    pipeline = transformers.pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="first")
    same, left_out = 0, 0
    for words, tags, with_rules in zip(sentences, free, ruled):
        expected = entities(tags)
        cut = cut_words(tokenizer, words)
        found = of_pipeline(pipeline, words, cut)
        pieces = len(tokenizer(" ".join(words), truncation=False)["input_ids"])
        in_cut = any(first <= word < end for _, first, end in expected for word in cut)
        if found is None or in_cut or pieces > tokenizer.model_max_length:
            left_out += 1
            continue
        assert found == expected, f"{words}: {found}, expected {expected}"
        same += found == entities(with_rules)
    print(
        f"  pipeline: the same entities in {same} of {len(sentences)} sentences; {left_out} are long, or have an entity in"
        " words that it cuts"
    )
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
