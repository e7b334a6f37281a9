"""The command ``gleaner``."""

from __future__ import annotations

import signal
import sys

from . import _gleaner


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # The command has its own way to stop at Ctrl-C: it finishes its step and writes a checkpoint.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_gleaner.command(["gleaner", *sys.argv[1:]]))
