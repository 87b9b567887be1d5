"""What docs/regenerating.md says about reading pages."""

from __future__ import annotations

import re

import pytest
from pipeline.ingest.repair import repair
from pipeline.spec.documents import DocumentError

from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "regenerating.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w$]+: .+)` \| (.+) \|$", PAGE, re.MULTILINE)
HEAD = "paths:\n  /x:\n    get:\n      "


@pytest.mark.parametrize(("line", "reading"), ROWS)
def test_each_row_is_what_happens(line: str, reading: str) -> None:
    """A repair gives the documented line; a refusal gives the documented reason."""
    if reading.startswith("refused: "):
        with pytest.raises(DocumentError, match=re.escape(reading.removeprefix("refused: "))):
            repair(f"{HEAD}{line}\n", "page.md")
    else:
        assert repair(f"{HEAD}{line}\n", "page.md").text == f"{HEAD}{reading.strip('`')}\n"


def test_the_table_is_found() -> None:
    """Both kinds of rows are there."""
    refused = [reading for _, reading in ROWS if reading.startswith("refused: ")]
    assert (len(ROWS), len(refused)) == (10, 4)
