"""The estimator."""

from pathlib import Path
from typing import Any

import gleaner
import pytest
from test_tagger import read

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from gleaner.sklearn import GleanerTagger  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.utils import estimator_checks  # noqa: E402

TINY: dict[str, Any] = {"lstm_units": 8, "lstm_layers": 1, "drop_leaks": False}

# Those that need no matrix of numbers.
CHECKS = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
]


@pytest.mark.parametrize("name", CHECKS)
def test_checks_of_scikit_learn_that_apply_to_sequences(name: str) -> None:
    check = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip("this version of scikit-learn has no such check")
    check("GleanerTagger", GleanerTagger())


def test_the_estimator_fits_predicts_and_scores(sample: Path) -> None:
    X, y = read(sample / "train.conll")
    model = GleanerTagger("sample:tiny", epochs=6, seed=1)
    with pytest.raises(NotFittedError):
        model.predict(X)
    assert model.fit(X, y) is model
    predicted = model.predict(X)
    assert [len(tags) for tags in predicted] == [len(words) for words in X]
    assert model.score(X, y) == model.tagger_.evaluate((X, y)).f1 > 0.5
    again = clone(model).fit(X, y)
    assert again.predict(X) == predicted
    assert set(model.classes_) == {tag for tags in y for tag in tags} | {"O"}


def test_parameters_are_searched_and_validated_across_folds(sample: Path) -> None:
    X, y = read(sample / "train.conll")
    model = GleanerTagger("sample:tiny", epochs=1, seed=1, settings=TINY)
    assert len(cross_val_score(model, X[:60], y[:60], cv=2)) == 2
    search = GridSearchCV(model, {"epochs": [1, 2]}, cv=2).fit(X[:60], y[:60])
    assert search.best_params_["epochs"] in (1, 2)


def test_parameters_can_be_settings(sample: Path) -> None:
    X, y = read(sample / "train.conll")
    model = GleanerTagger("sample:tiny", settings={**TINY, "epochs": 2, "seed": 7}).fit(X[:30], y[:30])
    record = model.tagger_.record
    assert record is not None
    assert (record["settings"]["epochs"], record["settings"]["seed"]) == (2, 7)


def test_settings_are_given_once() -> None:
    model = GleanerTagger("sample:tiny", settings={"encoder": "other"})
    with pytest.raises(gleaner.SettingsError, match="settings: encoder is a parameter"):
        model.fit([["a"]], [["O"]])
