"""The CRF's best tags in NumPy, for runtimes that compute only emissions."""

from pathlib import Path

import numpy as np

from text import forbidden

RULED_OUT = -10_000.0


class Crf:
    """Best tags of padded sentences, all sentences of a batch at once."""

    def __init__(self, path: Path, labels: list[str], constraints: bool) -> None:
        with np.load(path) as scores:
            self.start, self.end, self.transitions = (
                scores[name].copy() for name in ("start", "end", "transitions")
            )
        if constraints:
            starts, pairs = forbidden(labels)
            self.start[starts] = RULED_OUT
            for before, after in pairs:
                self.transitions[before, after] = RULED_OUT

    def best(self, emissions: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Viterbi; `emissions` [sentences, units, tags], the result [sentences, units]."""
        sentences, units, tags = emissions.shape
        rows = np.arange(sentences)
        score = self.start + emissions[:, 0]
        origin = np.zeros((units, sentences, tags), dtype=np.int64)
        for t in range(1, units):
            paths = score[:, :, None] + self.transitions
            origin[t] = paths.argmax(axis=1)
            further = paths.max(axis=1) + emissions[:, t]
            score = np.where((t < lengths)[:, None], further, score)
        tag = (score + self.end).argmax(axis=1)
        path = np.zeros((sentences, units), dtype=np.int64)
        for t in range(units - 1, -1, -1):
            path[:, t] = tag
            tag = np.where(t < lengths, origin[t, rows, tag], tag) if t else tag
        return path
