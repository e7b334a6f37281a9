"""The component ``gleaner`` of spaCy pipelines. Needs spaCy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import filter_spans

from ._tagger import Tagger

_SCORES = {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None}


@Language.factory(
    "gleaner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={"device": None, "precision": None, "threshold": 0.0},
    default_score_weights=_SCORES,
)
def create(
    nlp: Language, name: str, model: str, device: str | None, precision: str | None, threshold: float
) -> GleanerComponent:
    """The component that ``nlp.add_pipe("gleaner", config={"model": ...})`` adds."""
    return GleanerComponent(Tagger.load(model, device=device, precision=precision), threshold)


class GleanerComponent:
    """Sets ``doc.ents``, and the confidence of each entity as ``span._.confidence``.

    Where an earlier component has set sentences, the tagger labels the tokens of spaCy. Otherwise the text is cut as
    the tagger's training text was, and entities are widened to whole tokens. Entities below ``threshold`` are left
    out.
    """

    def __init__(self, tagger: Tagger, threshold: float = 0.0) -> None:
        self.tagger = tagger
        self.threshold = threshold
        if not Span.has_extension("confidence"):
            Span.set_extension("confidence", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """Label a document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], batch_size: int = 128) -> Iterator[Doc]:
        """Label documents, ``batch_size`` at a time."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            self._label(batch)
            yield from batch

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """spaCy's scores of entities."""
        scores: dict[str, Any] = get_ner_prf(examples)
        return scores

    def _label(self, docs: list[Doc]) -> None:
        divided = [doc for doc in docs if doc.has_annotation("SENT_START")]
        sentences = [
            [token for token in sentence if not token.is_space] for doc in divided for sentence in doc.sents
        ]
        tagged = iter(self.tagger.label([[token.text for token in tokens] for tokens in sentences]))
        found = iter(self.tagger.pipe([doc.text for doc in docs if not doc.has_annotation("SENT_START")]))
        waiting = iter(sentences)
        for doc in docs:
            entities = []
            if doc.has_annotation("SENT_START"):
                for _ in doc.sents:
                    tokens = next(waiting)
                    for span in next(tagged).spans:
                        first, last = tokens[span.start].i, tokens[span.end - 1].i
                        entities.append((Span(doc, first, last + 1, label=span.label), span.confidence))
            else:
                for of_text in next(found):
                    entity = doc.char_span(of_text.start, of_text.end, label=of_text.label, alignment_mode="expand")
                    if entity is not None:
                        entities.append((entity, of_text.confidence))
            self._set(doc, entities)

    def _set(self, doc: Doc, entities: list[tuple[Span, float]]) -> None:
        kept = [(entity, confidence) for entity, confidence in entities if confidence >= self.threshold]
        for entity, confidence in kept:
            entity._.confidence = confidence
        # Widened to whole tokens, two entities can overlap.
        doc.ents = filter_spans([entity for entity, _ in kept])
