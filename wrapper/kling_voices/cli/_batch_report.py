"""The results of a batch on the terminal, and the exit code."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from ..errors import KlingVoicesError
from ._batch_progress import counts_text
from ._console import print_json, print_message, print_result
from ._errors import INTERRUPTED, exit_code, message_of

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
        """Print a result."""
        self._counts[result.state] += 1
        if result.state == "skipped":
            self._stop_reason = self._stop_reason or result.error
        if self._as_json:
            self._rows.append(row)
            return
        columns = (row["line"], row["state"], row["voice_id"] or "-", row["voice_name"], row["error"])
        row_text = "\t".join(" ".join(str(column).split()) for column in columns if column is not None)
        self._print(partial(print_result, row_text))

    def end(self) -> None:
        """Print a summary, and exit with the exit code."""
        code = self._exit_code()
        message = "interrupted; nothing more is sent" if self.is_interrupted else "finished"
        message += f": {counts_text(self._counts)}"
        if self._stop_reason is not None and not self.is_interrupted:
            message += f". The batch had to stop: {message_of(self._stop_reason)}"
        if self.is_interrupted or self._counts["unknown"] or self._counts["skipped"]:
            message = f"{message.rstrip('.')}. {_continue_with()}"
        print_message(message)
        if self._as_json:
            document = {"counts": self._counts, "interrupted": self.is_interrupted, "results": self._rows}
            self._print(partial(print_json, document))
        raise typer.Exit(code)

    def _print(self, write: Callable[[], None]) -> None:
        try:
            write()
        except KlingVoicesError as failure:
            failure.advice = f"Nothing more is sent, and the ledger has all results so far. {_continue_with()}"
            raise

    def _exit_code(self) -> int:
        if self.is_interrupted:
            return INTERRUPTED
        for state, code in (("unknown", 4), ("refused", 3), ("failed", 6)):
            if self._counts[state]:
                return code
        if self._counts["skipped"]:
            return exit_code(self._stop_reason) if self._stop_reason else _NOT_SENT
        return 0


def _continue_with() -> str:
    return f"Continue with: {shlex.join(['kling-voices', *sys.argv[1:]])}"
