"""Hooks of schemathesis, loaded by `schemathesis.toml`."""

from __future__ import annotations

import itertools
from typing import Any

import schemathesis

from .operations import EXTERNAL_ID

_NUMBERS = itertools.count()


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Number each generated external task id, because an account may use each only once (V)."""
    if context.operation.definition.raw.get("operationId") is None:  # `strategies.matching` generates responses
        return body
    if isinstance(body, dict) and isinstance(body.get(EXTERNAL_ID), str) and body[EXTERNAL_ID]:
        return {**body, EXTERNAL_ID: f"{body[EXTERNAL_ID]}-{next(_NUMBERS)}"}
    return body
