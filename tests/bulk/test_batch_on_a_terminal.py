"""A batch whose results and progress bar share a terminal."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.terminals import run_on_terminal

URL = "https://example.com/ada.mp3"
_ERASE_LINE = "\x1b[2K"


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_results_appear_above_the_bar(tmp_path: Path) -> None:
    """Each row has a line of its own: the bar is erased before the row is written, and drawn again below it."""
    names = ("Ada", "Bob", "Eve")
    (tmp_path / "m.csv").write_text("".join(["voice_name,voice_url\n", *(f"{name},{URL}\n" for name in names)]))
    program = str(Path(sys.executable).with_name("kling-voices"))
    command = [program, "batch", "m.csv", "--ledger", "l.sqlite", "--gateway", "mock"]
    code, shown = run_on_terminal(command, cwd=tmp_path, COLUMNS="120")
    assert code == 0
    lines = re.split(rf"\r?\n|\r{re.escape(_ERASE_LINE)}", shown)
    rows = [line for line in lines if re.search(r"succeeded\s+84", line)]
    whole = [re.fullmatch(r"\d\s+succeeded\s+84\d+\s+(\w+)\s*", row) for row in rows]
    assert sorted(match[1] for match in whole if match) == sorted(names), rows  # tasks finish in any order
    assert len(rows) == len(names)
