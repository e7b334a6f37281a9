"""Exceptions, one class for each exit code of the command line."""

from __future__ import annotations

__all__ = [
    "DivergedError",
    "FileError",
    "GleanerError",
    "InternalError",
    "ModelError",
    "QuantizationError",
    "RunsError",
    "SettingsError",
    "StoppedError",
    "TextError",
]


class GleanerError(Exception):
    """An error of Gleaner. Its text is that of the command line: ``file:line: what is wrong; what to do``.

    >>> import gleaner
    >>> try:
    ...     gleaner.Tagger.load("./no-such-model")
    ... except gleaner.GleanerError as error:
    ...     print(type(error).__name__, error.exit_code)
    ModelError 4
    """

    exit_code: int = 1
    """The exit code with which the command line ends after this error."""


class FileError(GleanerError):
    """A file or the Hugging Face hub could not be read or written."""

    exit_code = 1


class SettingsError(GleanerError, ValueError):
    """A setting is invalid, no sentence is left to train or test on, a folder is occupied, or a device is unavailable."""

    exit_code = 2


class TextError(GleanerError, ValueError):
    """Text, tags or labels are malformed, or a folder has no train or test file."""

    exit_code = 3


class ModelError(GleanerError):
    """An encoder or a model is missing or malformed."""

    exit_code = 4


class RunsError(GleanerError):
    """Runs of a study failed. The next ``Study.run`` repeats only these."""

    exit_code = 5


class DivergedError(GleanerError):
    """The training diverged: its loss became NaN or infinite."""

    exit_code = 7


class QuantizationError(GleanerError):
    """Labelling in 8 bits would cost too much quality."""

    exit_code = 8


class StoppedError(GleanerError):
    """The training was stopped. Ctrl-C raises ``KeyboardInterrupt`` instead."""

    exit_code = 75


class InternalError(GleanerError):
    """A fault of Gleaner itself. Please report it."""

    exit_code = 101


_CLASSES: dict[int, type[GleanerError]] = {
    error.exit_code: error
    for error in (
        FileError,
        SettingsError,
        TextError,
        ModelError,
        RunsError,
        DivergedError,
        QuantizationError,
        StoppedError,
        InternalError,
    )
}


def of(code: int, message: str) -> GleanerError:
    """The exception for an exit code. The extension module calls it."""
    return _CLASSES.get(code, GleanerError)(message)
