"""Decisions about contradictions: keep the known value, or accept the value of the page."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import frozen
from ruamel.yaml import YAML

from ..spec import documents
from ..spec.documents import DocumentError
from .contradictions import Contradiction

Choice: TypeAlias = Literal["known", "page"]
DECISIONS = "decisions.yaml"


@frozen
class Decision:
    """A decision about a contradiction.

    Attributes:
        contradiction: Its name.
        page: The value of the page at the time of the decision; another value needs another decision.
        use: `known` keeps the known value, `page` accepts the value of the page.
        reason: The reason, in one sentence.
    """

    contradiction: str
    page: Any
    use: Choice
    reason: str


def read_decisions(openapi: Path) -> list[Decision]:
    """The recorded decisions. Raises DocumentError where an entry is incomplete."""
    recorded = documents.load(openapi / DECISIONS).get("decisions") or []
    if not isinstance(recorded, list):
        raise DocumentError(f"{DECISIONS}: `decisions` must be a list")
    return [_decision(number, entry) for number, entry in enumerate(recorded, 1)]


def is_decided(contradiction: Contradiction, decisions: list[Decision], use: Choice | None = None) -> bool:
    """Whether there is a decision about it, and, if `use` is given, that one."""
    return any(
        each.contradiction == contradiction.name and each.page == contradiction.page and use in {None, each.use}
        for each in decisions
    )


def with_decision(text: str, contradiction: Contradiction, use: Choice, reason: str) -> str:
    """The text of the file with a decision, which replaces an earlier one about the same contradiction."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 120, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    entry = {"contradiction": contradiction.name, "page": contradiction.page, "use": use, "reason": reason}
    recorded = document.get("decisions") or []
    names = [each["contradiction"] for each in recorded]
    if contradiction.name in names:
        recorded[names.index(contradiction.name)] = entry
    else:
        recorded.append(entry)
    document["decisions"] = recorded
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _decision(number: int, entry: Any) -> Decision:
    fields = ("contradiction", "page", "use", "reason")
    if not isinstance(entry, dict) or any(name not in entry for name in fields):
        raise DocumentError(f"{DECISIONS}: decision {number} needs {', '.join(fields)}")
    if entry["use"] not in {"known", "page"}:
        raise DocumentError(f"{DECISIONS}: decision {number}: `use` is {entry['use']!r}; write known or page")
    return Decision(**{name: entry[name] for name in fields})
