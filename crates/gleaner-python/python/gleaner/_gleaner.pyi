"""The extension module. Use the names of ``gleaner`` instead."""

from collections.abc import Callable, Iterable
from os import PathLike
from typing import final

# The type, the first position, the position after the last, and the confidence.
_Span = tuple[str, int, int, float]
_Path = str | PathLike[str]
# The words and the tags of labelled sentences.
_Part = tuple[Iterable[Iterable[str]], Iterable[Iterable[str]]]

@final
class Tagger:
    @staticmethod
    def load(model: _Path, device: str | None, precision: str | None) -> Tagger: ...
    @property
    def folder(self) -> PathLike[str]: ...
    @property
    def tags(self) -> list[str]: ...
    @property
    def types(self) -> list[str]: ...
    @property
    def members(self) -> int: ...
    def label(self, sentences: Iterable[Iterable[str]]) -> list[tuple[list[str], list[_Span]]]: ...
    def find(self, texts: list[str]) -> list[list[_Span]]: ...
    def probabilities(self, sentences: Iterable[Iterable[str]]) -> list[bytes]: ...
    def evaluate(self, text: _Path | _Part, options: str, resamples: int) -> str: ...
    def export(self, to: str, folder: _Path) -> list[str]: ...

@final
class Study:
    @staticmethod
    def open(file: _Path, out: _Path | None) -> Study: ...
    @property
    def folder(self) -> PathLike[str]: ...
    def runs(self) -> str: ...
    def run(self, only: str | None, jobs: int | None, listener: Callable[[str], object] | None) -> str: ...
    def report(self) -> str: ...

def train(
    settings: str,
    parts: tuple[_Part, _Part | None, _Part | None] | None,
    out: _Path,
    resume: bool,
    listener: Callable[[str], object] | None,
) -> str: ...
def adapt(
    encoder: _Path,
    text: list[str],
    settings: str,
    out: _Path,
    resume: bool,
    listener: Callable[[str], object] | None,
) -> str: ...
def set_threads(threads: int) -> None:
    """Set the number of threads for labelling, scoring and training.

    Call it before anything is computed. The default is the number of physical cores.
    """

def command(arguments: list[str]) -> int: ...
