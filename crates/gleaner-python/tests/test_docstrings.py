"""The examples of docstrings run."""

import doctest
import importlib
import pkgutil

import gleaner
import pytest

MODULES = ["gleaner", *(f"gleaner.{module.name}" for module in pkgutil.iter_modules(gleaner.__path__))]


@pytest.mark.parametrize("name", [name for name in MODULES if name != "gleaner.__main__"])
def test_examples_of_a_module_run(name: str, tagger: gleaner.Tagger) -> None:
    if name in ("gleaner.sklearn", "gleaner.spacy"):
        pytest.importorskip(name.removeprefix("gleaner."))
    module = importlib.import_module(name)
    result = doctest.testmod(module, extraglobs={"gleaner": gleaner, "tagger": tagger}, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
