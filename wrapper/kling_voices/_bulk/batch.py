"""Assembling a batch from the arguments of `create_many`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from .._flows.send import CallContext
from .._flows.validation import validate_count, validate_seconds
from ..errors import InvalidInputError
from .ledger import Ledger
from .limiter import Limiter
from .models import BatchProgress, Parallel, Uploader
from .run import Run
from .scheduler import Scheduler
from .steps import Discard, Prepare

if TYPE_CHECKING:
    from .prepare import Preparation

GRACE = 10.0  # seconds that an interrupted batch waits for the responses of creates that were sent
_MAX_CREATES = range(10**9)


@frozen
class BatchOptions:
    """The keyword arguments of `create_many`; its docstring describes them."""

    ledger: str | os.PathLike[str]
    parallel: Parallel
    stage: Uploader | str | None
    prepare_on: str | None
    max_creates: int | None
    resend_unknown: bool
    retry_refused: bool
    accept_new_key: bool
    timeout: float
    on_progress: Callable[[BatchProgress], object] | None = field(repr=False)

    def __attrs_post_init__(self) -> None:
        validate_seconds("timeout", self.timeout)
        if self.max_creates is not None:
            validate_count("max_creates", self.max_creates, _MAX_CREATES)
        if self.on_progress is not None and not callable(self.on_progress):
            raise InvalidInputError("on_progress is not callable; pass a function that takes a BatchProgress")
        if self.prepare_on is not None and self.stage is None:
            raise InvalidInputError("prepare_on is given without stage; pass stage, too")


class Batch:
    """The scheduler of a batch, and the workers that prepare its recordings.

    Raises InvalidInputError if an argument is invalid or the ledger cannot be used; nothing was sent.
    """

    def __init__(self, context: CallContext, options: BatchOptions) -> None:
        limiter = Limiter(options.parallel)
        try:
            path = Path(options.ledger)
        except TypeError:
            raise InvalidInputError(f"ledger is of type {type(options.ledger).__name__}; pass a path") from None
        ledger = Ledger(path, context.endpoint, context.clock, accept_new_key=options.accept_new_key)
        try:
            self._preparation = _open_preparation(options)
        except BaseException:
            ledger.close()
            raise
        self._run = Run(
            context,
            ledger,
            limiter,
            options.timeout,
            options.resend_unknown,
            options.retry_refused,
            options.max_creates,
        )
        if self._preparation is not None:
            self._run.release_upload = self._preparation.release
        self.scheduler = Scheduler(self._run, options.on_progress, has_stage=self._preparation is not None)

    def prepare(self, step: Prepare | Discard) -> str | None:
        """Check and upload a recording, or delete an upload; blocks."""
        if self._preparation is None:
            raise InvalidInputError("there is no stage")  # the scheduler refuses recordings then
        if isinstance(step, Prepare):
            return self._preparation.prepare(step.file)
        self._preparation.discard(step.url)
        return None

    def close(self) -> None:
        """End the workers and delete the uploads; a second time does nothing."""
        if self._preparation is not None:
            self._preparation.close()


def _open_preparation(options: BatchOptions) -> Preparation | None:
    if options.stage is None:
        return None
    from .prepare import open_preparation  # noqa: PLC0415 - needs the extras `audio` and `stage`

    return open_preparation(options.stage, options.prepare_on)
