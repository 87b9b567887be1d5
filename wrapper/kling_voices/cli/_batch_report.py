"""The results of a batch on the terminal, and the exit code."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from ..errors import KlingVoicesError
from ._batch_progress import counts_text
from ._console import print_json, print_message, print_result
from ._errors import INTERRUPTED, exit_code

if TYPE_CHECKING:
    from .._bulk.models import VoiceResult

_NOT_SENT = 7


class Report:
    """What the command prints about results, and its exit code."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._rows: list[dict[str, Any]] = []
        self._counts: Counter[str] = Counter()
        self._stop_reason: KlingVoicesError | None = None
        self.is_interrupted = False

    def add(self, result: VoiceResult, row: dict[str, Any]) -> None:
        """Print a result. Raises KlingVoicesError, which says where the results are, if stdout cannot be written."""
        self._counts[result.state] += 1
        if result.state == "skipped":
            self._stop_reason = self._stop_reason or result.error
        if self._as_json:
            self._rows.append(row)
            return
        columns = (row["line"], row["state"], row["voice_id"] or "-", row["voice_name"], row["error"])
        with _naming_the_ledger():
            print_result("\t".join(" ".join(str(column).split()) for column in columns if column is not None))

    def end(self) -> None:
        """Print a summary, and exit with the exit code."""
        code = self._exit_code()
        message = "interrupted; nothing more is sent" if self.is_interrupted else "finished"
        message += f": {counts_text(self._counts)}"
        if self._stop_reason is not None and not self.is_interrupted:
            message += f". The batch had to stop: {self._stop_reason}"
        if self.is_interrupted or self._counts["unknown"] or self._counts["skipped"]:
            message = f"{message.rstrip('.')}. Continue with: {_this_command()}"
        print_message(message)
        if self._as_json:
            with _naming_the_ledger():
                print_json({"counts": self._counts, "interrupted": self.is_interrupted, "results": self._rows})
        raise typer.Exit(code)

    def _exit_code(self) -> int:
        if self.is_interrupted:
            return INTERRUPTED
        for state, code in (("unknown", 4), ("refused", 3), ("failed", 6)):
            if self._counts[state]:
                return code
        if self._counts["skipped"]:
            return exit_code(self._stop_reason) if self._stop_reason else _NOT_SENT
        return 0


@contextmanager
def _naming_the_ledger() -> Iterator[None]:
    """Add to an error of stdout that no result is lost, and how to print the results."""
    try:
        yield
    except KlingVoicesError as error:
        raise KlingVoicesError(
            f"{error} Nothing more is sent, and the ledger has all results. Correct the cause, and continue with: "
            f"{_this_command()}"
        ) from None


def _this_command() -> str:
    return shlex.join(["kling-voices", *sys.argv[1:]])
