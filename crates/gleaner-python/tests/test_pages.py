"""The Python examples of the manual run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"(?P<note><!-- not run: [^\n]* -->\n)?```python\n(?P<code>.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["docs/how-to/python.md", "crates/gleaner-python/README.md"])
def test_the_blocks_of_a_page_run_in_order(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    blocks = list(BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")))
    assert blocks
    for block in blocks:
        if block["note"] is None:
            exec(compile(block["code"], page, "exec"), names)
