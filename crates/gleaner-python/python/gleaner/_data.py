"""Labelled text from Python's containers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ._errors import SettingsError, TextError

Path: TypeAlias = "str | os.PathLike[str]"
Sentences: TypeAlias = "Iterable[Iterable[str]]"
Part: TypeAlias = "tuple[Sentences, Sentences]"

# The usual names of the columns, the most usual first.
_WORDS = ("words", "tokens")
_TAGS = ("tags", "ner_tags", "labels")
_DEV = ("dev", "validation")


def is_path(data: object) -> bool:
    """Whether ``data`` names a text."""
    return isinstance(data, (str, os.PathLike))


def paths(data: object) -> list[str] | None:
    """The files that ``data`` names; None for text in memory."""
    if isinstance(data, (str, os.PathLike)):
        return [os.fspath(data)]
    if isinstance(data, list) and data and all(is_path(one) for one in data):
        return [os.fspath(one) for one in data]
    return None


def parts(data: Any) -> dict[str, Any] | None:
    """The parts of a mapping such as a ``DatasetDict``: ``train``, and ``dev`` and ``test`` if it has them."""
    if not isinstance(data, Mapping) or "train" not in data:
        return None
    dev = next((data[name] for name in _DEV if name in data), None)
    return {"train": data["train"], "dev": dev, "test": data.get("test")}


def labelled(data: Any, columns: tuple[str, str] | None = None) -> Part:
    """The words and the tags of labelled sentences.

    ``data`` is a pair of lists, or a table with a row for each sentence: a frame of pandas or polars, a
    ``datasets.Dataset``, an Arrow table or a dict of lists.
    """
    names = _names(data)
    if names is None:
        if isinstance(data, tuple) and len(data) == 2:
            return data
        what = f"expected a path, a pair (words, tags) or a table, found {type(data).__name__}"
        raise TextError(f"{what}; give lists of words and lists of tags")
    words, tags = columns or (_column(names, _WORDS, "words"), _column(names, _TAGS, "tags"))
    for name in (words, tags):
        if name not in names:
            raise SettingsError(f"columns: the table has no column {name!r}; it has {', '.join(names)}")
    return _values(data[words]), _tags(data, tags)


def _names(data: Any) -> list[str] | None:
    """The names of a table's columns; None if it is not one."""
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    for attribute in ("column_names", "columns"):
        names = getattr(data, attribute, None)
        # Arrow tables have the columns themselves under the second name.
        if names is not None and not callable(names):
            return [str(name) for name in names]
    return None


def _column(names: list[str], usual: tuple[str, ...], what: str) -> str:
    found = next((name for name in usual if name in names), None)
    if found is None:
        fix = "name both with columns=(WORDS, TAGS)"
        raise SettingsError(f"columns: none of {', '.join(names)} is known to hold {what}; {fix}")
    return found


def _values(column: Any) -> Any:
    """The rows of a column as Python's values."""
    for method in ("to_list", "tolist", "to_pylist"):
        if hasattr(column, method):
            return getattr(column, method)()
    return list(column)


def _tags(data: Any, name: str) -> Any:
    """The tags, by name: a ``datasets.Dataset`` holds numbers, and their names beside them."""
    rows = _values(data[name])
    feature = (getattr(data, "features", None) or {}).get(name)
    names = getattr(getattr(feature, "feature", None), "names", None)
    if names is None:
        return rows
    if any(tag < 0 for row in rows for tag in row):
        raise TextError(f"{name}: tags below 0 stand for labels that are not published; use another part")
    return [[names[tag] for tag in row] for row in rows]
