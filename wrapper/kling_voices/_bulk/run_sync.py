"""The iterator that `create_many` of the synchronous client returns: it executes the scheduler's actions, with threads.

Requests are sent and recordings are prepared in threads. Everything else happens in the caller's `next()`, so a caller
that stops iterating stops the batch.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Self

from .._http.runners import Runner
from ..clock import Clock
from .batch import GRACE, Batch
from .interrupts import deferred_interrupt
from .models import VoiceRequest, VoiceResult
from .pull import add_requests
from .scheduler import Done, Job, Pull, Start, Wait
from .steps import Discard, Prepare

_SLICE = 0.2  # seconds after which a waiting thread looks up; Ctrl-C is noticed then


class SyncBatch(Iterator[VoiceResult]):
    """The results of a batch, in a synchronous client. A context manager; leaving it stops the batch."""

    def __init__(self, runner: Runner, clock: Clock, requests: Iterable[VoiceRequest], batch: Batch) -> None:
        self._runner, self._clock, self._batch = runner, clock, batch
        self._requests = iter(requests)
        self._deliveries: queue.SimpleQueue[tuple[Job, Any, BaseException | None]] = queue.SimpleQueue()
        self._is_open = True

    def __next__(self) -> VoiceResult:
        if not self._is_open:
            raise StopIteration
        try:
            return self._next()
        except BaseException:
            self.close()
            raise

    def _next(self) -> VoiceResult:
        scheduler = self._batch.scheduler
        while True:
            with deferred_interrupt():  # what the ledger says is sent is also started
                action = scheduler.next_action()
                if isinstance(action, Start):
                    threading.Thread(target=self._execute, args=action, daemon=True).start()
                    continue
            match action:
                case VoiceResult() as result:
                    return result
                case Pull():
                    add_requests(scheduler, self._requests)
                case Wait(seconds):
                    self._wait(seconds)
                case Done():
                    raise StopIteration

    def _execute(self, job: Job, step: Any) -> None:
        try:
            is_local = isinstance(step, (Prepare, Discard))
            result = self._batch.prepare(step) if is_local else self._runner.run_step(step)
        except BaseException as error:  # noqa: BLE001 - raised in the flow
            self._deliveries.put((job, None, error))
        else:
            self._deliveries.put((job, result, None))

    def _wait(self, seconds: float | None) -> None:
        if not self._batch.scheduler.in_flight:
            self._clock.sleep(seconds or 0.0)
            return
        self._deliver_next(_SLICE if seconds is None else min(seconds, _SLICE))

    def _deliver_next(self, timeout: float) -> None:
        """Deliver all that has arrived; wait for the first."""
        with deferred_interrupt(), contextlib.suppress(queue.Empty):
            self._batch.scheduler.deliver(*self._deliveries.get(timeout=timeout))
            while True:
                self._batch.scheduler.deliver(*self._deliveries.get_nowait())

    def close(self) -> None:
        """Stop: send nothing more, record the responses of creates that were sent, and close the ledger."""
        if not self._is_open:
            return
        self._is_open = False
        scheduler = self._batch.scheduler
        scheduler.close()
        deadline = time.monotonic() + GRACE
        try:
            while scheduler.in_flight > 0 and time.monotonic() < deadline:
                self._deliver_next(_SLICE)
        finally:
            scheduler.abandon()
            self._batch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_is_open", False):
            self.close()
