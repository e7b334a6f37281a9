"""Studies: many trainings, described by one file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import _gleaner
from ._data import Path
from ._errors import SettingsError
from ._tagger import _path
from ._training import Event, _listener


@dataclass(frozen=True)
class Run:
    """A training of a study."""

    id: str
    """A hash of all that decides its result: the folder of its records has this name."""
    name: str
    """Its name, such as ``transfer/fo-da/x4/seed1``."""
    needs: str | None
    """The id of the run whose model it starts from."""
    done: bool
    """Whether it is finished."""
    settings: dict[str, Any]
    """The settings of its training."""


class Study:
    """A study file with its results folder.

    >>> from tempfile import mkdtemp
    >>> study = gleaner.Study("quickstart", out=mkdtemp())
    >>> first = study.runs()[0].name
    >>> report = study.run(only=first)
    >>> [run.name for run in study.runs() if run.done] == [first]
    True

    Finished runs are kept: a study that was stopped or killed continues where it was, and several processes may do the
    runs of one study.
    """

    def __init__(self, file: Path, out: Path | None = None) -> None:
        """Read a study file.

        :param file: The file, or ``"quickstart"`` for the built-in study.
        :param out: The results folder. By default the name of the file with ``-results``, in the working directory.
        """
        folder = None if out is None else _path(out, "out")
        self._study = _gleaner.Study.open(_path(file, "file"), folder)

    @property
    def folder(self) -> Any:
        """The results folder, a ``pathlib.Path``."""
        return self._study.folder

    def runs(self) -> list[Run]:
        """All runs, those that others need before them."""
        return [
            Run(run["id"], run["name"], run["needs"], run["done"], run["settings"])
            for run in json.loads(self._study.runs())
        ]

    def run(
        self, *, only: str | None = None, jobs: int | None = None, progress: Callable[[Event], object] | None = None
    ) -> dict[str, Any]:
        """Do the runs that are missing, and write tables and report. Return the data of ``report.json``.

        :param only: Do only runs whose name contains this, or matches it if it has a ``*``, and those that they need.
        :param jobs: The number of runs at the same time; by default that of the study.
        :param progress: Called with each event of ``gleaner study run --output json``. An exception stops the study.

        Ctrl-C and exceptions of ``progress`` stop the study after the current step of each training. Failed runs raise
        ``RunsError`` after the others are finished.
        """
        if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
            raise SettingsError(f"jobs: expected a number from 1, found {jobs!r}")
        if only is not None and not isinstance(only, str):
            raise SettingsError(f"only: expected a str, found {type(only).__name__}")
        return _data(self._study.run(only, jobs, _listener(progress)))

    def report(self) -> dict[str, Any]:
        """Write tables and report of the finished runs. Return the data of ``report.json``."""
        return _data(self._study.report())

    def __repr__(self) -> str:
        return f"gleaner.Study with results in {str(self.folder)!r}"


def _data(report: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(report)
    return data
