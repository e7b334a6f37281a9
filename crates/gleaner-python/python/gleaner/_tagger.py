"""Taggers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from . import _gleaner
from ._data import Part, Path, Sentences, is_path, labelled
from ._errors import FileError, SettingsError, TextError
from ._scores import Evaluation
from ._settings import to_json
from ._spans import Span, Tagged, WordSpan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as _Path

    import numpy
    from numpy.typing import NDArray

_T = TypeVar("_T")


class Tagger:
    """A tagger, or an ensemble of taggers. ``Tagger.load`` opens one, ``gleaner.train`` trains one.

    It can be used from several threads at once; other threads run while it labels. A process forked after the first
    use cannot use it: choose the method ``spawn`` or ``forkserver`` of multiprocessing.

    >>> spans = tagger("🦀: Anna woon in Brakfontein.")
    >>> [(span.label, span.text) for span in spans]
    [('PER', 'Anna'), ('LOC', 'Brakfontein')]
    >>> spans[0].start, spans[0].end
    (3, 7)
    """

    def __init__(self, inner: _gleaner.Tagger, chosen: tuple[str | None, str | None]) -> None:
        """Use ``Tagger.load``."""
        self._inner = inner
        self._chosen = chosen
        self._owner: object = None

    @classmethod
    def load(cls, model: Path, *, device: str | None = None, precision: str | None = None) -> Tagger:
        """Open a tagger.

        :param model: A folder that ``gleaner train``, ``gleaner ensemble`` or transformers wrote, or ``OWNER/NAME`` on
            the Hugging Face hub.
        :param device: ``cpu``, or a GPU as ``gleaner devices`` names it. By default that of the training if available.
        :param precision: ``f32``, ``bf16``, or ``int8`` after ``gleaner quantize``. By default that of the training.
        """
        return cls(_gleaner.Tagger.load(_path(model, "model"), device, precision), (device, precision))

    def __call__(self, text: str) -> list[Span]:
        """Find the entities of a text, in order.

        The text is cut into sentences and words as the training text was; a line break ends a sentence.
        """
        return self._find([text])[0]

    def pipe(self, texts: Iterable[str], *, batch_size: int = 256) -> Iterator[list[Span]]:
        """Find the entities of many texts: an iterator over lists of spans, in the order of the texts.

        ``texts`` can be a generator; ``batch_size`` of them are read and labelled together.

        >>> [len(spans) for spans in tagger.pipe(["Anna woon hier.", "Dit reën."])]
        [1, 0]
        """
        return _batches(texts, batch_size, self._find)

    def label(self, sentences: Sentences) -> list[Tagged]:
        """The tags and the spans of sentences that are lists of words.

        >>> sentence = ["Anna", "woon", "in", "Brakfontein", "."]
        >>> tagged = tagger.label([sentence])[0]
        >>> tagged.tags
        ['B-PER', 'O', 'O', 'B-LOC', 'O']
        >>> [sentence[span.start:span.end] for span in tagged.spans]
        [['Anna'], ['Brakfontein']]
        """
        labelled = self._inner.label(sentences)
        return [Tagged(tags, [WordSpan._make(span) for span in spans]) for tags, spans in labelled]

    def label_pipe(self, sentences: Sentences, *, batch_size: int = 2048) -> Iterator[Tagged]:
        """As ``label``, as an iterator. ``sentences`` can be a generator; ``batch_size`` are read at a time."""
        return _batches(sentences, batch_size, self.label)

    def tag(self, sentences: Sentences) -> list[list[str]]:
        """IOB2 tags of sentences that are lists of words, one for each word."""
        return [tags for tags, _ in self._inner.label(sentences)]

    def spans(self, sentences: Sentences) -> list[list[WordSpan]]:
        """The entities of sentences that are lists of words."""
        return [[WordSpan._make(span) for span in spans] for _, spans in self._inner.label(sentences)]

    def probabilities(self, sentences: Sentences) -> list[NDArray[numpy.float64]]:
        """The probability of every tag at every word, over all tag sequences: an array ``[words, tags]`` a sentence.

        The columns are ``tags``. Needs numpy, and a tagger that is not an ensemble.

        >>> probabilities = tagger.probabilities([["Anna", "woon", "hier"]])[0]
        >>> probabilities.shape == (3, len(tagger.tags))
        True
        """
        import numpy

        numbers = self._inner.probabilities(sentences)
        width = len(self.tags)
        return [numpy.frombuffer(of, dtype=numpy.float64).reshape(-1, width).copy() for of in numbers]

    def evaluate(
        self,
        data: Any,
        *,
        columns: tuple[str, str] | None = None,
        resamples: int = 1000,
        **reading: Any,
    ) -> Evaluation:
        """Score the tagger on labelled text.

        :param data: A file, or a folder with a test file, ``hub:OWNER/NAME:CONFIG`` or ``sample:af``; or sentences in
            memory, tagged in IOB2: a pair ``(words, tags)``, or a table with a row for each sentence.
        :param columns: The columns of words and of tags, if ``data`` is a table with unusual names.
        :param resamples: Number of bootstrap resamples of each interval; 0 computes no intervals.
        :param reading: How a file is read: ``skip_bad``, ``label_map``, ``word_column``, ``tag_column`` …, as in a
            settings file.
        """
        if isinstance(resamples, bool) or not isinstance(resamples, int) or not 0 <= resamples <= 1_000_000:
            raise SettingsError(f"resamples: {resamples!r} is not a number from 0 to 1000000")
        text: Path | Part
        if is_path(data):
            text = _path(data, "data")
        else:
            if reading:
                names = ", ".join(reading)
                raise SettingsError(f"{names}: only for text in files; leave it out")
            text = labelled(data, columns)
        return Evaluation(json.loads(self._inner.evaluate(text, to_json(reading), resamples)))

    @property
    def folder(self) -> _Path:
        """The folder that the tagger was opened from."""
        from pathlib import Path as _Path

        return _Path(self._inner.folder)

    @property
    def tags(self) -> list[str]:
        """The tags that words can get: the columns of ``probabilities``."""
        return self._inner.tags

    @property
    def types(self) -> list[str]:
        """The entity types."""
        return self._inner.types

    @property
    def record(self) -> dict[str, Any] | None:
        """How the tagger was trained: settings, texts, scores of each epoch. None for an ensemble, and for a tagger
        that another program trained.

        >>> tagger.record["settings"]["encoder"]
        'sample:tiny'
        """
        try:
            record: dict[str, Any] = json.loads((self.folder / "gleaner.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return record

    def save(self, folder: Path) -> None:
        """Copy the tagger to a folder, which must be new or empty."""
        target = type(self.folder)(_path(folder, "folder"))
        try:
            if target.exists() and (not target.is_dir() or any(target.iterdir())):
                raise SettingsError(f"{target}: the folder is not empty; choose another folder, or empty this one")
            _copy(self.folder, target)
        except OSError as error:
            raise FileError(f"{target}: {error}; check the path, its permissions and the space left") from error

    def export(self, to: str, folder: Path) -> list[str]:
        """Write the tagger for another program, and return the names of the files.

        :param to: ``transformers`` or ``onnx``.
        :param folder: A new or empty folder.
        """
        return self._inner.export(to, _path(folder, "folder"))

    def __reduce__(self) -> tuple[Callable[..., Tagger], tuple[str, str | None, str | None]]:
        """Taggers are copied to other processes by their folders."""
        if self._owner is not None:
            raise SettingsError("the tagger has no folder of its own yet; save it, and load it from there")
        return _reload, (str(self.folder.resolve()), *self._chosen)

    def __repr__(self) -> str:
        members = self._inner.members
        what = "Tagger" if members == 1 else f"Ensemble of {members}"
        return f"<{what}: {', '.join(self.types)}; {self.folder}>"

    def _find(self, texts: list[str]) -> list[list[Span]]:
        found = self._inner.find(texts)
        return [
            [Span(label, start, end, text[start:end], confidence) for label, start, end, confidence in spans]
            for text, spans in zip(texts, found)
        ]


def evaluate(model: Tagger | Path, data: Any, **options: Any) -> Evaluation:
    """Score a tagger, or the model in a folder, on labelled text: see ``Tagger.evaluate``."""
    tagger = model if isinstance(model, Tagger) else Tagger.load(model)
    return tagger.evaluate(data, **options)


def _reload(model: str, device: str | None, precision: str | None) -> Tagger:
    return Tagger.load(model, device=device, precision=precision)


def _copy(source: _Path, target: _Path) -> None:
    """Copies a model folder. Under its last name it is complete or absent."""
    import shutil

    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        shutil.copytree(source, partial)
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _path(value: object, name: str) -> str:
    """A path as a string."""
    if isinstance(value, (str, os.PathLike)):
        path = os.fspath(value)
        if isinstance(path, str) and "\0" not in path:
            return path
    raise SettingsError(f"{name}: expected a path, found {value!r:.100}; give a str or a pathlib.Path")


def _batches(items: Iterable[Any], size: int, label: Callable[[list[Any]], list[_T]]) -> Iterator[_T]:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise SettingsError(f"batch_size: {size!r} is not a number of 1 or more")
    if isinstance(items, (str, bytes)):
        raise TextError("expected several texts, found one str; call the tagger with it, or give a list")
    try:
        iterator = iter(items)
    except TypeError:
        raise TextError(f"expected several texts or sentences, found {type(items).__name__}; give a list") from None

    def batches() -> Iterator[_T]:
        while batch := list(islice(iterator, size)):
            yield from label(batch)

    return batches()
