"""What a tagger finds."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """An entity in a text: ``text[span.start:span.end] == span.text``, also with emoji and combining marks."""

    label: str
    """Its type, such as ``"PER"``."""
    start: int
    """The index of its first character."""
    end: int
    """The index after its last character."""
    text: str
    """The text itself."""
    confidence: float
    """The calibrated probability of exactly this entity, from 0 to 1."""


class WordSpan(NamedTuple):
    """An entity in a sentence of words: ``words[span.start:span.end]``."""

    label: str
    """Its type, such as ``"PER"``."""
    start: int
    """The index of its first word."""
    end: int
    """The index after its last word."""
    confidence: float
    """The calibrated probability of exactly this entity, from 0 to 1."""


class Tagged(NamedTuple):
    """A labelled sentence."""

    tags: list[str]
    """IOB2 tags, one for each word."""
    spans: list[WordSpan]
    """The entities, in order."""
