"""A tagger for all tests and examples, trained once on the sample."""

from pathlib import Path
from typing import Any

import gleaner
import pytest

SETTINGS: dict[str, Any] = {"encoder": "sample:tiny", "epochs": 8, "seed": 1}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tagger."""
    folder = tmp_path_factory.mktemp("models") / "tagger"
    gleaner.train("sample:af", out=folder, **SETTINGS)
    return folder


@pytest.fixture(scope="session")
def tagger(folder: Path) -> gleaner.Tagger:
    return gleaner.Tagger.load(folder)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Afrikaans sample."""
    from gleaner import _gleaner

    folder = tmp_path_factory.mktemp("sample")
    assert _gleaner.command(["gleaner", "--output", "quiet", "data", "sample", str(folder)]) == 0
    return folder / "af"
