"""Training taggers, and adapting encoders."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import _gleaner
from ._data import Part, Path, is_path, labelled, parts, paths
from ._errors import SettingsError
from ._settings import to_json
from ._tagger import Tagger, _path

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import AdaptSettings, Settings

Event = dict[str, Any]
"""An event of a training: ``{"event": "epoch", "record": {...}, "best": True}``."""


def train(
    data: Any = None,
    *,
    dev: Any = None,
    test: Any = None,
    out: Path | None = None,
    resume: bool = False,
    columns: tuple[str, str] | None = None,
    progress: Callable[[Event], object] | None = None,
    **settings: Unpack[Settings],
) -> Tagger:
    """Train a tagger.

    >>> words = [["Anna", "woon", "hier"], ["Dit", "reën", "in", "Oudrif"]] * 10
    >>> tags = [["B-PER", "O", "O"], ["O", "O", "O", "B-LOC"]] * 10
    >>> tagger = gleaner.train((words, tags), encoder="sample:tiny", epochs=2, drop_leaks=False)
    >>> sorted(tagger.types)
    ['LOC', 'PER']

    :param data: A file, or a folder with the files train, dev and test, ``hub:OWNER/NAME:CONFIG`` or ``sample:af``.
        Or sentences in memory, tagged in IOB2: a pair ``(words, tags)`` of lists of lists of str, or a table with a
        row for each sentence (a frame of pandas or polars, a ``datasets.Dataset``, a dict of lists), or a mapping of
        parts, such as a ``DatasetDict``.
    :param dev: Dev sentences, as ``data``. Without them, a tenth of the training sentences.
    :param test: Test sentences, as ``data``. They are scored once, after training.
    :param out: The folder for the tagger, new or empty. Without it, the tagger is kept in a temporary folder until it
        is no longer used; ``Tagger.save`` saves it.
    :param resume: Continue the unfinished training in ``out``, or start one if there is none.
    :param columns: The columns of words and of tags, if ``data`` is a table with unusual names.
    :param progress: Called with each event of ``gleaner train --output json``, and ``{"event": "batch", "epoch",
        "done", "of", "loss"}`` after every step. An exception stops the training.
    :param settings: Settings under their names in a settings file, with underscores: ``encoder``, ``start``,
        ``epochs``, ``seed``, ``rate_encoder`` …; ``gleaner train --help`` lists them.

    Ctrl-C and exceptions of ``progress`` stop the training after its current step. With ``out``, it can then be
    resumed, and ends with the same bytes.
    """
    given: dict[str, Any] = dict(settings)
    in_memory = _texts(given, data, dev, test, columns)
    owner = None
    if out is None:
        if resume:
            raise SettingsError("resume: there is nothing to continue without a folder; add out")
        owner = _Temporary()
        out = owner.folder
    _gleaner.train(to_json(given), in_memory, _path(out, "out"), bool(resume), _listener(progress))
    tagger = Tagger.load(out)
    tagger._owner = owner
    return tagger


def adapt(
    encoder: Path,
    text: Path | list[Path],
    out: Path,
    *,
    resume: bool = False,
    progress: Callable[[Event], object] | None = None,
    **settings: Unpack[AdaptSettings],
) -> dict[str, Any]:
    """Adapt an encoder to raw text, before a tagger is trained on it. Return the record of the adaptation.

    :param encoder: A folder, ``OWNER/NAME`` on the Hugging Face hub, or ``sample:tiny``.
    :param text: Files of plain text, or of text in any format, whose tags are not used.
    :param out: The folder for the encoder, new or empty.
    :param resume: Continue the unfinished adaptation in ``out``, or start one if there is none.
    :param progress: Called with each event of ``gleaner adapt --output json``, and ``{"event": "step", "done", "of",
        "loss"}`` after every step.
    :param settings: Options of ``gleaner adapt`` with underscores: ``epochs``, ``exclude``, ``batch``, ``seed`` …
    """
    files = paths(text)
    if files is None:
        raise SettingsError(f"text: expected a path or a list of paths, found {type(text).__name__}")
    given = to_json(settings)
    record: dict[str, Any] = json.loads(
        _gleaner.adapt(
            _path(encoder, "encoder"), files, given, _path(out, "out"), bool(resume), _listener(progress)
        )
    )
    return record


class _Temporary:
    """A folder that is removed with the tagger in it."""

    def __init__(self) -> None:
        # Not needed by programs that only label.
        import shutil
        import tempfile

        self.parent = tempfile.mkdtemp(prefix="gleaner-")
        self.folder = os.path.join(self.parent, "model")
        weakref.finalize(self, shutil.rmtree, self.parent, ignore_errors=True)


def _listener(progress: Callable[[Event], object] | None) -> Callable[[str], object] | None:
    if progress is None:
        return None
    if not callable(progress):
        raise SettingsError(f"progress: expected a function, found {type(progress).__name__}")
    return lambda event: progress(json.loads(event))


def _texts(
    settings: dict[str, Any], data: Any, dev: Any, test: Any, columns: tuple[str, str] | None
) -> tuple[Part, Part | None, Part | None] | None:
    """Puts the texts that are named into the settings; returns those in memory."""
    files = [paths(part) for part in (data, dev, test)]
    if data is None or files[0] is not None:
        for name, part, named in zip(("data", "dev", "test"), (data, dev, test), files):
            if part is not None and named is None:
                what = "sentences in memory beside training text in files"
                raise SettingsError(f"{name}: {what}; give all of them in memory, or none")
        named = files[0]
        if named is not None:
            is_folder = len(named) == 1 and not os.path.isfile(named[0])
            settings.update({"data": named[0]} if is_folder else {"train": named})
        settings.update({name: named for name, named in zip(("dev", "test"), files[1:]) if named is not None})
        return None
    given: Mapping[str, Any] = parts(data) or {"train": data, "dev": None, "test": None}
    own = {"train": given["train"], "dev": given["dev"] if dev is None else dev}
    own["test"] = given["test"] if test is None else test
    for name, part in own.items():
        if is_path(part):
            raise SettingsError(f"{name}: a text in a file beside sentences in memory; read it first")
    train_part = labelled(own["train"], columns)
    dev_part, test_part = (None if own[name] is None else labelled(own[name], columns) for name in ("dev", "test"))
    return train_part, dev_part, test_part
