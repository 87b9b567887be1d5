"""The two things a call does to the world: send a request, and rest.

A call is a generator that yields these steps and is told what came of each, so every rule stands once, without input
or output; a synchronous and an asynchronous loop carry the steps out.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


class Send(NamedTuple):
    """Send the request that a generated `_get_kwargs` has described, and come back with an `Answer`."""

    request: dict[str, Any]
    seconds: float  # how long the exchange may take


class Rest(NamedTuple):
    """Do nothing for a while."""

    seconds: float


Plan: TypeAlias = Generator[Send | Rest, Any, T]
