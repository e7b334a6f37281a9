"""An estimator with the habits of scikit-learn. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ._data import Sentences
from ._errors import SettingsError
from ._tagger import Tagger
from ._training import train


class GleanerTagger(BaseEstimator):  # type: ignore[misc]
    """A tagger as an estimator: ``X`` is a list of sentences, which are lists of words, and ``y`` their IOB2 tags.

    It can be cloned, searched over (``GridSearchCV``) and cross-validated (``cross_val_score``). Of the checks of
    ``sklearn.utils.estimator_checks.check_estimator``, those of parameters, cloning, construction and representation
    apply and pass. The others fit matrices of numbers, which a tagger refuses: sentences have different lengths, and a
    target is a list of tags, not a number. So ``n_features_in_``, sparse input, sample weights and the checks of
    classifiers and regressors do not apply.

    A fitted estimator can be pickled if ``out`` names a folder.

    >>> from gleaner.sklearn import GleanerTagger
    >>> X = [["Anna", "woon", "hier"], ["Dit", "reën", "in", "Oudrif"]] * 10
    >>> y = [["B-PER", "O", "O"], ["O", "O", "O", "B-LOC"]] * 10
    >>> model = GleanerTagger(encoder="sample:tiny", epochs=2, settings={"drop_leaks": False}).fit(X, y)
    >>> model.predict([["Anna", "woon", "hier"]])[0][2]
    'O'

    :param encoder: The encoder, as for ``gleaner.train``.
    :param epochs: Number of epochs.
    :param seed: Seed of everything random.
    :param rate_encoder: Learning rate of the encoder.
    :param out: The folder for the tagger. Without it, the tagger lives as long as the estimator.
    :param settings: Further settings, under their names in a settings file.
    """

    def __init__(
        self,
        encoder: str = "intfloat/multilingual-e5-small",
        *,
        epochs: int | None = None,
        seed: int | None = None,
        rate_encoder: float | None = None,
        out: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.encoder = encoder
        self.epochs = epochs
        self.seed = seed
        self.rate_encoder = rate_encoder
        self.out = out
        self.settings = settings

    def fit(self, X: Sentences, y: Sentences) -> GleanerTagger:
        """Train on sentences and their tags."""
        parameters = ("encoder", "epochs", "seed", "rate_encoder")
        own: dict[str, Any] = {name: getattr(self, name) for name in parameters if getattr(self, name) is not None}
        settings: dict[str, Any] = dict(self.settings or {})
        twice = sorted(own.keys() & settings.keys())
        if twice:
            raise SettingsError(f"settings: {', '.join(twice)} is a parameter of the estimator; set it there")
        if "start" in settings:
            # A model to start from has its encoder.
            own.pop("encoder", None)
        self.tagger_: Tagger = train((X, y), out=self.out, **{**settings, **own})
        self.classes_ = self.tagger_.tags
        return self

    def predict(self, X: Sentences) -> list[list[str]]:
        """The IOB2 tags of sentences."""
        check_is_fitted(self)
        return self.tagger_.tag(X)

    def score(self, X: Sentences, y: Sentences) -> float:
        """Entity micro F1 (seqeval's default mode), from 0 to 1."""
        check_is_fitted(self)
        return self.tagger_.evaluate((X, y), resamples=0).f1
