"""A request and a reply, as the mock gateway sees them. The front ends translate to and from these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple


class Request(NamedTuple):
    """A request. Header names are in lower case."""

    method: str
    path: str  # still percent-encoded
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name]


class DeliveryFault(Enum):
    """How the delivery of a reply fails. NONE: it does not fail."""

    NONE = "none"
    REFUSED = "refused"
    RESET = "reset"
    RESET_WITHIN = "reset within"
    CUT_SHORT = "cut short"
    FALSE_LENGTH = "false length"
    SILENT = "silent"


class Reply(NamedTuple):
    """A reply, and how it is delivered."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delivery: DeliveryFault = DeliveryFault.NONE
    delay: float = 0.0  # seconds

    @classmethod
    def json(cls, status: int, content: Any, **headers: str) -> Reply:
        """A JSON reply. An underscore in the name of a header stands for a hyphen."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return cls(status, encode_json(content), (("content-type", "application/json; charset=utf-8"), *named))


def encode_json(content: Any) -> bytes:
    """Compact JSON in UTF-8. An unpaired surrogate, which is no text, becomes a question mark."""
    return _encoder.encode(content).encode(errors="replace")


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
