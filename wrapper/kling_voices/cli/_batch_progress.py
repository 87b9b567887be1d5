"""The progress of a batch on stderr: a bar on a terminal, else a line from time to time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._console import is_terminal, print_message

if TYPE_CHECKING:
    from .._bulk.models import BatchProgress

_LINE_SECONDS = 10.0


@contextmanager
def show_batch_progress(total: int) -> Iterator[Callable[[BatchProgress], None]]:
    """Show the progress. Returns a function for `on_progress`."""
    with _bar(total) if sys.stderr.isatty() else _lines(total) as update:
        yield update


@contextmanager
def show_count(activity: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how much of something is done. Returns a function to call after each piece."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False, transient=True) as bar:
        task = bar.add_task(activity, total=total)
        yield lambda: bar.advance(task)


def counts_text(results: Mapping[Any, int]) -> str:
    """The results by state, without states that do not occur."""
    return ", ".join(f"{count} {state}" for state, count in results.items() if count) or "nothing done"


@contextmanager
def _lines(total: int) -> Iterator[Callable[[BatchProgress], None]]:
    next_line = time.monotonic() + _LINE_SECONDS

    def update(progress: BatchProgress) -> None:
        nonlocal next_line
        if time.monotonic() >= next_line:
            next_line = time.monotonic() + _LINE_SECONDS
            print_message(f"{progress.done} of {total} done: {counts_text(progress.results)}; {_slots_text(progress)}")

    yield update


@contextmanager
def _bar(total: int) -> Iterator[Callable[[BatchProgress], None]]:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TextColumn("{task.fields[slots]}", markup=False),
        TimeRemainingColumn(),
    )
    # Rows of results on the same terminal appear above the bar; in a file or a pipe they must stay as they are.
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=is_terminal()) as bar:
        task = bar.add_task("", total=total, counts="starting", slots="")

        def update(progress: BatchProgress) -> None:
            bar.update(task, completed=progress.done, counts=counts_text(progress.results), slots=_slots_text(progress))

        yield update


def _slots_text(progress: BatchProgress) -> str:
    return f"{progress.running} running, limit {progress.limit}"
