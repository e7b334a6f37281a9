"""The component of spaCy."""

from pathlib import Path

import gleaner
import pytest

spacy = pytest.importorskip("spacy", reason="spaCy is not installed")

from spacy.tokens import Doc  # noqa: E402
from spacy.training import Example  # noqa: E402


def test_the_component_sets_entities_with_confidences(folder: Path, tagger: gleaner.Tagger) -> None:
    nlp = spacy.blank("af")
    nlp.add_pipe("gleaner", config={"model": str(folder)})
    text = "😀 Anna woon in Brakfontein. Die burgemeester van Oudrif het gister gepraat."
    doc = nlp(text)
    spans = tagger(text)
    assert [(e.label_, e.start_char, e.end_char) for e in doc.ents] == [(s.label, s.start, s.end) for s in spans]
    assert [entity._.confidence for entity in doc.ents] == [span.confidence for span in spans]
    texts = [text, "", "Anna."]
    assert [len(doc.ents) for doc in nlp.pipe(texts)] == [len(tagger(text)) for text in texts]


def test_sentences_of_spacy_are_kept(folder: Path, tagger: gleaner.Tagger) -> None:
    nlp = spacy.blank("af")
    nlp.add_pipe("gleaner", config={"model": str(folder)})
    words = ["Anna", "woon", "\n", "in", "Brakfontein", ".", "Dit", "reën", "in", "Oudrif", "."]
    starts = [i in (0, 6) for i in range(len(words))]
    doc = nlp.get_pipe("gleaner")(Doc(nlp.vocab, words=words, sent_starts=starts))
    sentences = [[word for word in words[:6] if word != "\n"], words[6:]]
    expected = [
        (span.label, sentence[span.start : span.end])
        for sentence, spans in zip(sentences, tagger.spans(sentences))
        for span in spans
    ]
    assert [(entity.label_, [t.text for t in entity if not t.is_space]) for entity in doc.ents] == expected


def test_entities_below_the_threshold_are_left_out(folder: Path) -> None:
    nlp = spacy.blank("af")
    nlp.add_pipe("gleaner", config={"model": str(folder), "threshold": 1.1})
    assert nlp("Anna woon in Brakfontein.").ents == ()


def test_the_pipeline_is_saved_loaded_and_scored(folder: Path, tmp_path: Path) -> None:
    nlp = spacy.blank("af")
    nlp.add_pipe("gleaner", config={"model": str(folder)})
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    text = "Anna woon in Brakfontein."
    assert [e.label_ for e in loaded(text).ents] == [e.label_ for e in nlp(text).ents] == ["PER", "LOC"]
    gold = {"entities": [(0, 4, "PER"), (13, 24, "LOC")]}
    scores = loaded.evaluate([Example.from_dict(loaded.make_doc(text), gold)])
    assert scores["ents_f"] == 1.0
