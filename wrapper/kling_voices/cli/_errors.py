"""Errors of a command: an exit code, a message on stderr and, with `--json`, a JSON document on stdout."""

from __future__ import annotations

import contextlib
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
from ._advice import Advice
from ._console import print_json, print_message

INVALID_INPUT = 2
OUTPUT_FAILED = 5
INTERRUPTED = 130


def exit_code(error: KlingVoicesError) -> int:
    """2 invalid input, 3 refused, 4 outcome unknown, 5 gateway or network failed, 6 the task failed, 7 timed out."""
    if isinstance(error, InvalidInputError):
        return INVALID_INPUT
    if isinstance(error, OutcomeUnknownError):
        return 4
    if isinstance(error, VoiceCreationFailedError):
        return 6
    if isinstance(error, WaitTimeoutError):
        return 7
    if isinstance(error, (ConnectionFailedError, ServerError, UnexpectedResponseError)):
        return 5
    return 3 if isinstance(error, APIError) and error.status_code < 500 else 5


@contextmanager
def handle_errors(*, as_json: bool, advice: Advice | None = None) -> Iterator[None]:
    """End the command with the exit code of an error, after printing it.

    Args:
        as_json: Whether to print the error as a JSON document on stdout, too.
        advice: The commands that continue after an error. None for commands that create no task and wait for none.
    """
    advice = advice or Advice()
    try:
        yield
    except KlingVoicesError as error:
        _report(_message(error, advice), _details(error), as_json=as_json)
        raise typer.Exit(exit_code(error)) from None
    except KeyboardInterrupt as interruption:
        external_task_id = getattr(interruption, "external_task_id", None)
        details = {"type": "KeyboardInterrupt"}
        message = "interrupted"
        if external_task_id:
            message += f"; the task may exist. {advice.lookup(external_task_id)}"
            details |= {"outcome": "unknown", "external_task_id": external_task_id}
        _report(message, details, as_json=as_json)
        raise typer.Exit(INTERRUPTED) from None


def report_usage_error(message: str) -> None:
    """Print an error in the use of the command line as a JSON document on stdout."""
    _print_error({"type": "UsageError", "message": message, "outcome": "not_created"})


def _report(message: str, details: dict[str, Any], *, as_json: bool) -> None:
    print_message(message)
    if as_json:
        _print_error({"type": details.pop("type"), "message": message, **details})


def _print_error(error: dict[str, Any]) -> None:
    with contextlib.suppress(KlingVoicesError):  # stdout cannot be written; the message on stderr is enough
        print_json({"error": error})


def _message(error: KlingVoicesError, advice: Advice) -> str:
    """The message of an error, with commands instead of Python calls."""
    if isinstance(error, OutcomeUnknownError):
        return f"{error.problem} {advice.lookup(error.external_task_id or '')}"
    if isinstance(error, WaitTimeoutError):
        return f"{error.problem} {advice.resume(error.task.query_id or '')}"
    if error.outcome == "created" and error.external_task_id:
        return f"{message_of(error)} (external task id {error.external_task_id})"
    return message_of(error)


def message_of(error: KlingVoicesError) -> str:
    """The message of an error, without advice that only helps in Python."""
    if isinstance(error, UnexpectedResponseError):
        return f"{error.problem} If you set a base URL, check it."
    return error.problem if type(error) is APIError else str(error)


def _details(error: KlingVoicesError) -> dict[str, Any]:
    names = ("status_code", "code", "request_id", "outcome", "external_task_id")
    details = {name: getattr(error, name) for name in names if getattr(error, name, None) is not None}
    return {"type": type(error).__name__, **details}
