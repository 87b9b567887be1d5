"""How a command ends: its exit code, and the line or the JSON that says why."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from ..errors import (
    APIError,
    ConnectionFailedError,
    InvalidInputError,
    KlingVoicesError,
    OutcomeUnknownError,
    ServerError,
    UnexpectedResponseError,
    VoiceCreationFailedError,
    WaitTimeoutError,
)

INTERRUPTED = 130


def exit_code(error: KlingVoicesError) -> int:
    """2 invalid input, 3 refused, 4 outcome unknown, 5 gateway or network failed, 6 the voice failed, 7 timed out."""
    if isinstance(error, InvalidInputError):
        return 2
    if isinstance(error, OutcomeUnknownError):
        return 4
    if isinstance(error, VoiceCreationFailedError):
        return 6
    if isinstance(error, WaitTimeoutError):
        return 7
    if isinstance(error, (ConnectionFailedError, ServerError, UnexpectedResponseError)):
        return 5
    return 5 if isinstance(error, APIError) and error.status_code >= 500 else 3


@contextmanager
def ending(*, as_json: bool) -> Iterator[None]:
    """Turn every error of the package into one line on stderr and its exit code; in JSON mode, a document on stdout."""
    try:
        yield
    except KlingVoicesError as error:
        found_by = error.external_task_id if error.outcome == "created" else None
        say(f"{error} (external task id {found_by})" if found_by else str(error))
        if as_json:
            print_json({"error": _described(error)})
        raise typer.Exit(exit_code(error)) from None
    except KeyboardInterrupt as interruption:
        told = "; ".join(["interrupted", *getattr(interruption, "__notes__", [])])
        say(told)
        if as_json:
            print_json({"error": {"type": "KeyboardInterrupt", "message": told}})
        raise typer.Exit(INTERRUPTED) from None


def say(line: str) -> None:
    """A message for a person: stderr, one line."""
    print(f"kling-voices: {' '.join(line.split())}", file=sys.stderr)


def print_json(document: Any) -> None:
    """The one JSON document of a command."""
    print(json.dumps(document, indent=2))  # ASCII, for not every terminal can show every name


def _described(error: KlingVoicesError) -> dict[str, Any]:
    names = ("status_code", "code", "request_id", "outcome", "external_task_id")
    told = {name: getattr(error, name) for name in names if getattr(error, name, None) is not None}
    return {"type": type(error).__name__, "message": str(error), **told}
