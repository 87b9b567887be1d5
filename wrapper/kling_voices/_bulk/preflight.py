"""Checking all recordings of a manifest before anything is sent or uploaded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..audio import check
from .executors import Pool, open_pool
from .manifest import Row

_THREADS = 8  # each waits for a process or a Dask worker
_CHUNK = 256  # recordings that are submitted at a time, so memory does not grow with the manifest


def check_recordings(
    recordings: Iterable[tuple[int, Path]], prepare_on: str | None, on_checked: Callable[[], object]
) -> list[Row]:
    """The problems of recordings, which are given with the numbers of their lines.

    Args:
        recordings: Line numbers and files.
        prepare_on: The address of a Dask scheduler; None for processes of this machine.
        on_checked: Called after each recording.

    Raises:
        InvalidInputError: An extra is not installed.
        ConnectionFailedError: The Dask scheduler cannot be reached.
    """
    problems: list[Row] = []
    remaining = iter(recordings)
    pool = open_pool(prepare_on)
    try:
        with ThreadPoolExecutor(_THREADS) as threads:
            while chunk := list(itertools.islice(remaining, _CHUNK)):
                for row in threads.map(lambda recording: _problem(pool, *recording), chunk):
                    on_checked()
                    if row is not None:
                        problems.append(row)
    finally:
        pool.close()
    return problems


def _problem(pool: Pool, line: int, file: Path) -> Row | None:
    report = pool.run(check, file.absolute())
    return Row(line, None, f"{file.name}: {'; '.join(report.problems)}") if report.problems else None
