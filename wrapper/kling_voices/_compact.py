"""JSON as it goes over the wire: compact, in UTF-8, and by one encoder, for making one takes longer than using it."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def compact(value: Any) -> bytes:
    """`value` as JSON. Raises ValueError, TypeError or RecursionError for what JSON cannot hold."""
    return _encode(value).encode()
