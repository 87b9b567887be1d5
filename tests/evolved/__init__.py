"""Pages as they may yet be published, kept as data.

versions.yaml    the supplied page, edited
operations.yaml  pages of operations that nobody knew
refused.yaml     pages that cannot be taken in
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.spec import documents

_SUPPLIED = Path(__file__).resolve().parents[2] / "openapi" / "supplied" / "chainhub-custom-voices.yaml"


def cases(kind: str) -> dict[str, Any]:
    """The cases in one of the files, by name."""
    return documents.load(Path(__file__).with_name(f"{kind}.yaml"))


def edited(case: dict[str, Any]) -> str:
    """The supplied page with the edits of a case; raises ValueError where one does not apply just once."""
    text = documents.read_text(_SUPPLIED)
    for old, new in case["edits"]:
        if text.count(old) != 1:
            raise ValueError(f"the edit of {old!r} applies {text.count(old)} times")
        text = text.replace(old, new)
    return text
