"""The two output streams: results on stdout, messages on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any

from ..errors import KlingVoicesError


def print_message(message: str) -> None:
    """Print a message on one line of stderr. A full disk or a closed stream must not stop a command that pays."""
    with contextlib.suppress(OSError):
        print(f"kling-voices: {' '.join(message.split())}", file=sys.stderr, flush=True)


def print_result(text: str) -> None:
    """Print a result on stdout.

    Raises:
        KlingVoicesError: stdout is closed, or its disk is full.
    """
    try:
        if sys.stdout is None:
            raise OSError(None, "it is closed")
        print(text, flush=True)
    except OSError as error:
        discard_output()
        raise KlingVoicesError(f"The result cannot be written to stdout: {error.strerror}.") from None


def print_json(document: Any) -> None:
    """Print the JSON document of a command on stdout, in ASCII, because not every terminal can show every name."""
    print_result(json.dumps(document, indent=2))


def discard_output() -> None:
    """Make sure that the flush of stdout at the end of the process does not fail."""
    with contextlib.suppress(OSError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
