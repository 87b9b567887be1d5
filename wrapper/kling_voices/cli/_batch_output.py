"""The results of a batch as rows: in a CSV or JSON Lines file, and as JSON."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import InvalidInputError, KlingVoicesError
from ._errors import message_of

if TYPE_CHECKING:
    from .._bulk.models import VoiceResult

COLUMNS = ("line", "voice_name", "key", "state", "voice_id", "task_id", "external_task_id", "charge", "error")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")


def result_row(line: int, result: VoiceResult) -> dict[str, Any]:
    """One result. Absent values are None."""
    task, error = result.task, result.error
    charges = [f"{charge.amount} {charge.unit or ''}".rstrip() for charge in task.charges] if task else []
    return {
        "line": line,
        "voice_name": result.request.voice_name,
        "key": result.request.key,
        "state": result.state,
        "voice_id": task.voice.voice_id if task and task.voice else None,
        "task_id": task.task_id if task else None,
        "external_task_id": (task and task.external_task_id) or (error and error.external_task_id),
        "charge": "; ".join(charges) or None,
        "error": message_of(error) if error else None,
    }


@contextmanager
def open_output(path: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A function that writes rows to a file; JSON Lines if the name ends in .jsonl, .ndjson or .json, else CSV.

    The file appears under its name when the batch ends, also if it ends with an error or Ctrl-C, so it is always
    complete.
    """
    if path is None:
        yield lambda _: None
        return
    part = path.with_name(f".{path.name}.part")
    try:
        file = part.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInputError(f"the output {path} cannot be written: {error.strerror}") from None
    write = _json_writer(file) if path.suffix.lower() in _JSON_SUFFIXES else _csv_writer(file)

    def write_row(row: dict[str, Any]) -> None:
        with _writing(path):
            write(row)

    try:
        yield write_row
    finally:
        with _writing(path):
            try:
                file.close()
            finally:
                os.replace(part, path)  # noqa: PTH105 - replaces on every system


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KlingVoicesError(
            f"The output {path} cannot be written completely: {error.strerror}. Nothing more is sent, and the ledger "
            "has all results. Correct the cause, and run the same command again."
        ) from None


def _json_writer(file: TextIO) -> Callable[[dict[str, Any]], None]:
    return lambda row: print(json.dumps(row, ensure_ascii=False), file=file)


def _csv_writer(file: TextIO) -> Callable[[dict[str, Any]], None]:
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    return writer.writerow
