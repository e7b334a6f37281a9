"""Settings as JSON, which the extension module reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ._errors import SettingsError


def to_json(settings: Mapping[str, Any]) -> str:
    """The settings that are given, under their names in settings files. ``None`` leaves a setting at its default."""
    given = {key.replace("_", "-"): _plain(key, value) for key, value in settings.items() if value is not None}
    return json.dumps(given)


def _plain(key: str, value: Any) -> Any:
    """The value with paths as strings, and with plain containers and numbers."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, Mapping):
        return {str(_plain(key, name)): _plain(key, inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(key, inner) for inner in value]
    if hasattr(value, "item") and not isinstance(value, (str, int, float)):
        # A number of numpy, which searches for parameters give.
        value = value.item()
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            what = "half of a surrogate pair, which is not a character"
            raise SettingsError(f"{key}: {what}; correct the text") from None
        return value
    if isinstance(value, float) and value - value != 0.0:
        raise SettingsError(f"{key}: {value} is not a number to compute with; give a finite one")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise SettingsError(f"{key}: expected a str, a number, a path or a list, found {type(value).__name__}; convert it")
