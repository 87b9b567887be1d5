"""The iterator that `create_many` of the asynchronous client returns: it executes the scheduler's actions.

Requests are sent in background tasks, on asyncio or trio, and recordings are prepared in threads. Everything else
happens in the caller's `anext()`, so a caller that stops iterating stops the batch.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Self

from .._http.runners import AsyncRunner
from ..clock import Clock
from .batch import GRACE, Batch
from .models import VoiceRequest, VoiceResult
from .pull import add_requests
from .scheduler import Done, Job, Pull, Start, Wait
from .steps import Discard, Prepare


class AsyncBatch(AsyncIterator[VoiceResult]):
    """The results of a batch, in an asynchronous client. An async context manager; leaving it stops the batch."""

    def __init__(
        self,
        runner: AsyncRunner,
        clock: Clock,
        requests: Iterable[VoiceRequest] | AsyncIterable[VoiceRequest],
        batch: Batch,
    ) -> None:
        self._runner, self._clock, self._batch = runner, clock, batch
        self._requests = aiter(requests) if isinstance(requests, AsyncIterable) else iter(requests)
        self._deliveries: deque[Callable[[], None]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._delivered: Any = None  # anyio.Event
        self._is_open = True

    async def __anext__(self) -> VoiceResult:
        if not self._is_open:
            raise StopAsyncIteration
        try:
            return await self._next()
        except BaseException:
            await self.aclose()
            raise

    async def _next(self) -> VoiceResult:
        scheduler = self._batch.scheduler
        while True:
            match scheduler.next_action():
                case VoiceResult() as result:
                    return result
                case Start(job, step):
                    self._spawn(self._execute, job, step)
                case Pull():
                    self._pull_or_add()
                case Wait(seconds):
                    await self._wait(seconds)
                case Done():
                    raise StopAsyncIteration

    def _pull_or_add(self) -> None:
        if isinstance(self._requests, AsyncIterator):
            self._spawn(self._pull, self._requests)
        else:
            add_requests(self._batch.scheduler, self._requests)

    async def _execute(self, job: Job, step: Any) -> None:
        import anyio  # noqa: PLC0415 - slow to import, and only asynchronous callers need it

        try:
            if isinstance(step, (Prepare, Discard)):
                result: Any = await anyio.to_thread.run_sync(self._batch.prepare, step, abandon_on_cancel=True)
            else:
                result = await self._runner.run_step(step)
        except Exception as error:  # noqa: BLE001 - raised in the flow
            self._deliver(self._batch.scheduler.deliver, job, error=error)
        else:
            self._deliver(self._batch.scheduler.deliver, job, result)

    def _deliver(self, function: Callable[..., None], *arguments: Any, **options: Any) -> None:
        """Let the caller's next `anext()` call a function of the scheduler, which may write to the ledger."""
        self._deliveries.append(partial(function, *arguments, **options))
        if self._delivered is not None:
            self._delivered.set()
        if not self._is_open:
            self._deliver_all()

    def _deliver_all(self) -> None:
        while self._deliveries:
            self._deliveries.popleft()()

    async def _pull(self, requests: AsyncIterator[VoiceRequest]) -> None:
        try:
            pulled = [await anext(requests)]
        except StopAsyncIteration:
            self._deliver(self._batch.scheduler.add, (), is_last=True)
        except Exception as error:  # noqa: BLE001 - raised by next_action
            self._deliver(self._batch.scheduler.fail, error)
        else:
            self._deliver(self._batch.scheduler.add, pulled, is_last=False)

    async def _wait(self, seconds: float | None) -> None:
        import anyio  # noqa: PLC0415 - see above

        if seconds is not None and not self._batch.scheduler.is_busy:
            await self._clock.async_sleep(seconds)
            return
        self._delivered = anyio.Event()
        if self._deliveries:
            self._delivered.set()
        with anyio.move_on_after(seconds):
            await self._delivered.wait()
        self._delivered = None
        self._deliver_all()

    def _spawn(self, function: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        """Run a function in the background.

        Not in a task group: an iterator may be abandoned at any time, and a task group must not be left open then. The
        event loop ends these tasks when it ends.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            import trio  # noqa: PLC0415 - only if it is used

            trio.lowlevel.spawn_system_task(function, *arguments)
            return
        task = loop.create_task(function(*arguments))
        self._tasks.add(task)  # the event loop keeps only a weak reference
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Stop: send nothing more, record the responses of creates that were sent, and close the ledger."""
        import anyio  # noqa: PLC0415 - see above

        if not self._is_open:
            return
        self._close()
        with anyio.move_on_after(GRACE, shield=True):
            while self._batch.scheduler.in_flight > 0:
                self._delivered = anyio.Event()
                await self._delivered.wait()
        self._batch.scheduler.abandon()
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._batch.close)

    def _close(self) -> None:
        self._is_open = False
        self._batch.scheduler.close()
        self._deliver_all()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if getattr(self, "_is_open", False):  # requests in flight keep this object alive until they are recorded
            self._close()
            self._batch.close()
