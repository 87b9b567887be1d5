"""A batch whose results and progress bar share a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

URL = "https://example.com/ada.mp3"
_ERASE_LINE = "\x1b[2K"


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_results_appear_above_the_bar(tmp_path: Path) -> None:
    """Each row has a line of its own: the bar is erased before the row is written, and drawn again below it."""
    names = ("Ada", "Bob", "Eve")
    (tmp_path / "m.csv").write_text("".join(["voice_name,voice_url\n", *(f"{name},{URL}\n" for name in names)]))
    leader, follower = os.openpty()
    program = str(Path(sys.executable).with_name("kling-voices"))
    command = [program, "batch", "m.csv", "--ledger", "l.sqlite", "--gateway", "mock"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run(command, cwd=tmp_path, env=environment, stdout=follower, stderr=follower, check=True)
    os.close(follower)
    shown = os.read(leader, 1_000_000).decode()
    os.close(leader)
    lines = re.split(rf"\r?\n|\r{re.escape(_ERASE_LINE)}", shown)
    rows = [line for line in lines if re.search(r"succeeded\s+84", line)]
    assert len(rows) == len(names)
    for row, name in zip(rows, names, strict=True):
        assert re.fullmatch(rf"\d\s+succeeded\s+84\d+\s+{name}\s*", row)
