"""Whether a function of httpx is still httpx's own: a mock or a tracer that stands in its place is not passed by."""

from __future__ import annotations

from types import FunctionType
from typing import Any


def is_original(function: Any, home: str) -> bool:
    """Whether it is a plain function of the module `home`.

    Told by its type, and not by isinstance or a name: a proxy such as wrapt's passes for what it wraps in all else.
    """
    return type(function) is FunctionType and function.__globals__["__name__"] == home
