"""``python -m gleaner`` is the command ``gleaner``."""

from ._command import main

main()
