"""Checking and uploading recordings, in local processes or on a Dask cluster."""

from __future__ import annotations

import os
from pathlib import Path

from ..audio import check
from ..errors import InvalidInputError
from ..staging import Stage
from .executors import Pool, open_pool
from .models import Uploader

_EXPIRES = 24 * 3600  # seconds; a recording may wait for a slot


class Preparation:
    """Checks and uploads recordings. All threads may share it; each call of `prepare` blocks its thread.

    Nothing is read or remembered here except the names of the uploads, so 10,000 files need no more memory than one.
    """

    def __init__(self, stage: Stage | Uploader, pool: Pool, *, close_stage: bool) -> None:
        self._stage, self._pool, self._close_stage = stage, pool, close_stage

    def prepare(self, file: Path) -> str:
        """The URL of an uploaded recording.

        Raises:
            InvalidInputError: The recording has a problem or cannot be read, or the object store refuses it.
            ConnectionFailedError: The object store cannot be reached, or the cluster was lost.
        """
        absolute = Path(os.path.abspath(file))  # noqa: PTH100 - keeps symbolic links; workers have other directories
        report = self._pool.run(check, absolute)
        if report.problems:
            raise InvalidInputError(f"{file}: {'; '.join(report.problems)}")
        if isinstance(self._stage, Stage):
            return self._stage.put_with(self._pool.run, absolute)
        return self._stage.put(absolute)

    def release(self, url: str) -> None:
        """Keep an upload, because the gateway may still fetch it: the outcome is unknown, or the task is running."""
        if isinstance(self._stage, Stage):
            self._stage.release(url)

    def discard(self, url: str) -> None:
        """Delete an upload whose task has finished."""
        if isinstance(self._stage, Stage):
            self._stage.discard(url)

    def close(self) -> None:
        """End the workers, and delete the uploads unless they are kept. A second time does nothing."""
        self._pool.close()
        if self._close_stage and isinstance(self._stage, Stage):
            self._stage.close()


def stage_of_batch(url: str) -> Stage:
    """The stage of a batch; its URLs are valid for as long as a recording may wait. Raises InvalidInputError."""
    return Stage(url, expires=_EXPIRES)


def open_preparation(stage: Stage | Uploader | str, prepare_on: str | None = None) -> Preparation:
    """Start checking and uploading.

    Args:
        stage: The URL of an object store, whose uploads are deleted by `close`; or a `Stage` or another object with
            `put`, which the caller closes.
        prepare_on: The address of a Dask scheduler; None for processes of this machine.

    Raises:
        InvalidInputError: The URL is invalid, or an extra is not installed.
        ConnectionFailedError: The scheduler cannot be reached.
    """
    is_url = isinstance(stage, str)
    opened = stage_of_batch(stage) if isinstance(stage, str) else stage
    return Preparation(opened, open_pool(prepare_on), close_stage=is_url)
