"""spaCy: its binary files, its reader of CoNLL-2003, and the tasks of Prodigy, whose tokens are spaCy's.

Prodigy is not on PyPI. Its tasks are checked against the documentation of the interface `ner_manual`.
"""

import importlib.metadata
import json

import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.training.converters import conll_ner_to_docs

from corpus import check_read, convert, counts, entities, equal, read, spans, text_of

VOCAB = spacy.blank("xx").vocab


def tags(doc):
    return [token.ent_iob_ + ("-" + token.ent_type_ if token.ent_type_ else "") for token in doc]


def sentences_of(docs):
    """The words and tags of each sentence of documents."""
    sents = [sent for doc in docs for sent in doc.sents]
    return [([token.text for token in sent], tags(sent)) for sent in sents]


def document(words, tags, spaces=None):
    doc = Doc(VOCAB, words=words, spaces=spaces, sent_starts=[True] + [False] * (len(words) - 1))
    doc.ents = [Span(doc, first, end, label=name) for first, end, name in entities(tags)]
    return doc


def check_docbin(source, sentences):
    ours = convert(source, source.with_suffix(".spacy"), "--to", "spacy")
    docs = list(DocBin().from_disk(ours).get_docs(VOCAB))
    equal(sentences_of(docs), sentences, "spaCy on a DocBin")
    equal([[(ent.start, ent.end, ent.label_) for ent in doc.ents] for doc in docs],
          [entities(tags) for _, tags in sentences], "entities of spaCy")
    # As spaCy stores documents by default; with everything it can store; and several sentences per document.
    whole = Doc.from_docs(docs)
    whole.spans["sc"] = [Span(whole, 0, 1, label="OTHER")]
    whole.user_data["note"] = {"any": [1, 2.5, None]}
    attributes = ["ORTH", "TAG", "HEAD", "DEP", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "LEMMA", "MORPH", "POS", "SENT_START"]
    without_spaces = [document(words, tags, [False] * len(words)) for words, tags in sentences]
    for name, docbin in {
        "again": DocBin(docs=docs),
        "everything": DocBin(attrs=attributes, docs=[whole], store_user_data=True),
        "nospace": DocBin(docs=without_spaces),
    }.items():
        target = source.with_name(f"{source.stem}-{name}.spacy")
        docbin.to_disk(target)
        check_read(target, sentences)


def check_conll(source, sentences):
    ours = convert(source, source.with_suffix(".conll2003"), "--to", "conll2003")
    docs = list(conll_ner_to_docs(ours.read_text("utf-8"), n_sents=0, no_print=True))
    equal(sentences_of(docs), sentences, "spaCy on CoNLL-2003")


def check_task(task, words, tags):
    """Checks a task against the documentation of Prodigy's interface `ner_manual`."""
    assert set(task) >= {"text", "tokens", "spans"} and task["answer"] == "accept", task
    tokens = task["tokens"]
    assert all(set(token) >= {"text", "start", "end", "id", "ws"} for token in tokens), task
    assert [token["id"] for token in tokens] == list(range(len(tokens))), task
    doc = Doc(VOCAB, [token["text"] for token in tokens], [token["ws"] for token in tokens])
    assert doc.text == task["text"] == text_of(words), task
    assert [token.idx for token in doc] == [token["start"] for token in tokens], task
    assert [token.idx + len(token) for token in doc] == [token["end"] for token in tokens], task
    found = []
    for span in task["spans"]:
        # `None` unless the offsets are those of tokens. Prodigy counts the last token as part of the span.
        placed = doc.char_span(span["start"], span["end"], label=span["label"])
        assert (placed.start, placed.end) == (span["token_start"], span["token_end"] + 1), task
        found.append((placed.start, placed.end, placed.label_))
    assert found == entities(tags), task


def check_prodigy(source, sentences):
    ours = convert(source, source.with_suffix(".prodigy.jsonl"), "--to", "prodigy")
    tasks = [json.loads(line) for line in ours.read_text("utf-8").splitlines()]
    assert len(tasks) == len(sentences)
    for task, (words, tags) in zip(tasks, sentences):
        check_task(task, words, tags)
    # As `prodigy db-out` writes them.
    added = {"_input_hash": 1842734674, "_task_hash": -1029395342, "_view_id": "ner_manual", "_is_binary": False,
             "_timestamp": 1700000000, "_annotator_id": "a-1", "_session_id": "a-1", "meta": {"score": 0.5}}
    theirs = source.with_suffix(".db-out.jsonl")
    kept = [{key: value for key, value in task.items() if key != "sentences"} | added for task in tasks]
    rejected = [task | {"answer": answer} for task, answer in zip(kept, ["reject", "ignore"])]
    theirs.write_text("".join(json.dumps(task) + "\n" for task in kept + rejected), "utf-8")
    # Prodigy has no sentences: a text of several ones is cut.
    flat = lambda sentences: [pair for words, tags in sentences for pair in zip(words, tags)]
    equal(flat(read(theirs)), flat(sentences), f"Gleaner on {theirs.name}")


def check(source, sentences):
    check_docbin(source, sentences)
    check_conll(source, sentences)
    check_prodigy(source, sentences)
    version = importlib.metadata.version("spacy")
    print(f"spaCy {version} (DocBin, CoNLL-2003), Prodigy's documentation: {counts(sentences)}")
