"""Pages as they may be published later, kept as data.

versions.yaml    the first supplied page, edited
operations.yaml  pages of other operations
refused.yaml     pages that cannot be used
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.spec import documents

from tests import pages

_SUPPLIED = pages.SUPPLIED / "chainhub-custom-voices.yaml"


def cases(kind: str) -> dict[str, Any]:
    """The cases in one of the files, by name."""
    return documents.load(Path(__file__).with_name(f"{kind}.yaml"))


def edited(case: dict[str, Any]) -> str:
    """The supplied page with the edits of a case; raises ValueError where one does not apply exactly once."""
    text = documents.read_text(_SUPPLIED)
    for old, new in case["edits"]:
        if text.count(old) != 1:
            raise ValueError(f"the edit of {old!r} applies {text.count(old)} times")
        text = text.replace(old, new)
    return text
