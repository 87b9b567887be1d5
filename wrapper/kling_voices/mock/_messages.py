"""A request and an answer, as the mock sees them: no door knows more of the other doors than this."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple


class Request(NamedTuple):
    """What came in. Header names are lower case."""

    method: str
    path: str  # still percent-encoded
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        """Every value of that header."""
        return [value for key, value in self.headers if key == name]


class Wire(Enum):
    """How an answer goes over the wire: whole, or in one of the ways in which it does not arrive."""

    WHOLE = "whole"
    REFUSED = "refused"
    RESET = "reset"
    RESET_WITHIN = "reset within"
    CUT_SHORT = "cut short"
    FALSE_LENGTH = "false length"
    SILENT = "silent"


class Reply(NamedTuple):
    """What goes out."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    wire: Wire = Wire.WHOLE
    delay: float = 0.0  # seconds

    @classmethod
    def json(cls, status: int, content: Any, **headers: str) -> Reply:
        """An answer in JSON."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return cls(
            status,
            json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(),
            (("content-type", "application/json; charset=utf-8"), *named),
        )
