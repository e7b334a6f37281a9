"""Scores."""

from __future__ import annotations

from typing import Any, NamedTuple


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


class Score(NamedTuple):
    """Precision, recall and F1 of entities, from 0 to 1."""

    precision: float
    recall: float
    f1: float
    support: int
    """The number of gold entities."""


class Evaluation:
    """The scores of a tagger on a labelled text.

    An entity is correct if its type, its first and its last word are those of a gold entity (seqeval's default mode).
    ``as_dict`` has all other scores: seqeval's strict mode, token scores, the confusion of types, the calibration of
    confidences, and the scores without the sentences that the tagger was trained on.

    >>> scores = tagger.evaluate("sample:af")
    >>> 0.0 <= scores.f1 <= 1.0
    True
    >>> sorted(scores.by_type)
    ['LOC', 'ORG', 'PER']
    """

    def __init__(self, scores: dict[str, Any]) -> None:
        self._scores = scores

    @property
    def f1(self) -> float:
        """Entity micro F1, from 0 to 1."""
        return self.micro.f1

    @property
    def micro(self) -> Score:
        """The scores over all entities."""
        return _score(self._scores["default"]["report"]["micro"])

    @property
    def by_type(self) -> dict[str, Score]:
        """The scores of each entity type."""
        types = self._scores["default"]["report"]["types"]
        return {name: _score(score) for name, score in types.items()}

    @property
    def interval(self) -> Interval | None:
        """The 95 % bootstrap interval of ``f1``; None without resamples, or if there is no entity."""
        intervals = self._scores["default"]["intervals"]
        if intervals is None:
            return None
        micro = intervals["micro-f1"]
        return Interval(micro["low"], micro["high"])

    @property
    def sentences(self) -> int:
        """The number of sentences."""
        count: int = self._scores["sentences"]
        return count

    def as_dict(self) -> dict[str, Any]:
        """All scores, as ``gleaner evaluate --output json`` prints them."""
        return self._scores

    def __repr__(self) -> str:
        interval = self.interval
        within = f", 95 % interval {interval.low:.3f} to {interval.high:.3f}" if interval else ""
        return f"<Evaluation: F1 {self.f1:.3f}{within}, {self.sentences} sentences>"


def _score(score: dict[str, Any]) -> Score:
    return Score(score["precision"], score["recall"], score["f1"], score["gold"])
