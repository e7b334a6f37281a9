"""Named-entity taggers for languages with little labelled text: training, evaluation and labelling.

>>> import gleaner
>>> tagger = gleaner.train("sample:af", encoder="sample:tiny", epochs=4, seed=1)
>>> tagger.tag([["Anna", "woon", "in", "Brakfontein", "."]])  # doctest: +ELLIPSIS
[['B-PER', ...]]

``Tagger.load`` opens a saved tagger, ``train`` trains one, ``evaluate`` scores one, ``adapt`` adapts an encoder to
raw text, and a ``Study`` compares many trainings. The package carries the command ``gleaner`` too. Errors are subclasses of ``GleanerError`` and have the words
of the command line.
"""

from ._errors import (
    DivergedError,
    FileError,
    GleanerError,
    InternalError,
    ModelError,
    QuantizationError,
    RunsError,
    SettingsError,
    StoppedError,
    TextError,
)
from ._gleaner import set_threads
from ._scores import Evaluation, Interval, Score
from ._spans import Span, Tagged, WordSpan
from ._study import Run, Study
from ._tagger import Tagger, evaluate
from ._training import Event, adapt, train

__all__ = [
    "DivergedError",
    "Evaluation",
    "Event",
    "FileError",
    "GleanerError",
    "InternalError",
    "Interval",
    "ModelError",
    "QuantizationError",
    "Run",
    "RunsError",
    "Score",
    "SettingsError",
    "Span",
    "StoppedError",
    "Study",
    "Tagged",
    "Tagger",
    "TextError",
    "WordSpan",
    "adapt",
    "evaluate",
    "set_threads",
    "train",
]
