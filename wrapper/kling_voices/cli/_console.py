"""The two output streams: results on stdout, messages on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from .._protocol.redaction import REDACTED, redact_exactly
from ..errors import KlingVoicesError

_SHORTEST_KEY = 8  # characters; a shorter text can be part of an id
_keys: set[str] = set()


def redact_key(api_key: str | None) -> None:
    """Print the key of this command nowhere, even if a gateway repeats it in its response. None: print everything."""
    _keys.clear()
    if api_key and len(api_key) >= _SHORTEST_KEY:
        _keys.update((api_key, json.dumps(api_key)[1:-1]))


def _without_key(text: str) -> str:
    return redact_exactly(text, _keys)


def print_message(message: str) -> None:
    """Print a message on one line of stderr. A full disk or a closed stream must not stop a command that pays."""
    with contextlib.suppress(OSError):
        print(f"kling-voices: {' '.join(_without_key(message).split())}", file=sys.stderr, flush=True)


def print_result(text: str) -> None:
    """Print a result on stdout.

    Raises:
        KlingVoicesError: stdout is closed, or its disk is full.
    """
    try:
        if sys.stdout is None:
            raise OSError(None, "it is closed")
        print(_without_key(text), flush=True)
    except OSError as error:
        discard_output()
        raise KlingVoicesError(f"The result cannot be written to stdout: {error.strerror or error}.") from None


def is_terminal() -> bool:
    """Whether stdout is a terminal; it can also be closed."""
    return sys.stdout is not None and sys.stdout.isatty()


def print_json(document: Any, *, indent: int | None = 2) -> None:
    """Print the JSON document of a command on stdout, in ASCII, because not every terminal can show every name."""
    text = _without_key(json.dumps(document, indent=indent))
    print_result(text.replace(REDACTED, json.dumps(REDACTED)[1:-1]))


def discard_output() -> None:
    """Make sure that the flush of stdout at the end of the process does not fail."""
    with contextlib.suppress(OSError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
