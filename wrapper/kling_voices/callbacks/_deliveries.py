"""Handling queued callbacks: query the gateway, pass the task to the handler, and retry after failures."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import anyio
from anyio import to_thread
from anyio.lowlevel import RunVar
from attrs import evolve

from .._flows import notifications
from ..client import AsyncKlingVoices, KlingVoices
from ..clock import Clock
from ..errors import NotFoundError
from ..models import VoiceTask
from ._queue import CallbackStore, QueuedCallback

logger = logging.getLogger("kling_voices")

Client: TypeAlias = KlingVoices | AsyncKlingVoices
Handler: TypeAlias = Callable[[VoiceTask], object] | Callable[[VoiceTask], Awaitable[object]]

FIRST_DELAY = 1.0  # seconds; doubles with each failure
MAX_DELAY = 300.0
LEASE = 60.0  # seconds after which another process may take over a claim of a process that has ended


class _OtherTaskError(Exception):
    """The gateway answered the query with another task."""


class Deliveries:
    """Handles up to `parallel` callbacks at the same time, but callbacks of the same task one after the other."""

    def __init__(
        self, client: Client, on_task: Handler, store: CallbackStore, clock: Clock, *, parallel: int, max_attempts: int
    ) -> None:
        self._client, self._on_task, self._store, self._clock = client, on_task, store, clock
        self._parallel, self._max_attempts = parallel, max_attempts
        # Limiters and locks belong to one event loop.
        self._limiter: RunVar[anyio.CapacityLimiter] = RunVar("kling_voices.callbacks.limiter")
        self._locks: RunVar[WeakValueDictionary[str, anyio.Lock]] = RunVar("kling_voices.callbacks.locks")

    async def deliver(self, key: str, attempted: Callable[[], object]) -> None:
        """Handle a queued callback until it is done or has failed for good. Raises nothing but cancellation.

        `attempted` is called after each attempt and at the end.
        """
        try:
            delay: float | None = 0.0
            while delay is not None:
                if delay:
                    await self._clock.async_sleep(delay)
                async with self._capacity():
                    delay = await self._claim_and_attempt(key)
                attempted()
        except Exception:
            logger.exception("the store of callbacks failed; the callback %r is retried after the next start", key)
        finally:
            attempted()

    async def _claim_and_attempt(self, key: str) -> float | None:
        """Seconds until the next attempt; None if there is nothing left to do."""
        claim = await to_thread.run_sync(partial(self._store.claim, key, now=self._clock.time(), lease=LEASE))
        if claim.callback is None:
            return claim.wait or None
        try:
            async with self._lock_of(claim.callback.task_id):
                await self._handle(claim.callback)
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            return await self._fail(claim.callback, error)
        except BaseException:  # cancelled, so nothing can be awaited
            self._store.release(claim.callback)
            raise
        return None

    async def _handle(self, callback: QueuedCallback) -> None:
        """Query the task, and pass its state on unless that was done before. Errors of query and handler are raised."""
        is_confirmed = False
        try:
            task = await _call(self._client.get_task, callback.task_id)
        except NotFoundError:
            logger.warning("a callback names the task %r, which the gateway does not know", callback.task_id)
        else:
            if callback.task_id not in (task.task_id, task.external_task_id):
                raise _OtherTaskError(f"the gateway answered the query with the task {task.query_id!r}")
            await self._pass_on(task)
            is_confirmed = task.succeeded or task.failed or task.status == callback.status
        # A callback without an id is only known by its task and status. One that the gateway did not confirm came too
        # early, or sent by somebody else, and must not make a later one a duplicate.
        remember = is_confirmed or callback.has_own_id
        await to_thread.run_sync(partial(self._store.finish, callback.key, remember=remember))

    async def _pass_on(self, task: VoiceTask) -> None:
        state = " ".join((task.query_id or "", task.status or "", *(voice.voice_id or "" for voice in task.voices)))
        if await to_thread.run_sync(self._store.was_passed_on, state):
            return
        notifications.notifier.notify(task)
        await _call(self._on_task, task)
        await to_thread.run_sync(partial(self._store.mark_passed_on, state, now=self._clock.time()))

    async def _fail(self, callback: QueuedCallback, error: Exception) -> float | None:
        attempts = callback.attempts + 1
        callback = evolve(callback, attempts=attempts, failure=f"{type(error).__name__}: {error}")
        if attempts >= self._max_attempts:
            await to_thread.run_sync(self._store.fail, callback)
            logger.error(
                "task %r: %d attempts failed (%s); the callback is kept; call retry_failed() of the CallbackApp to "
                "try it again",
                *(callback.task_id, attempts, callback.failure),
                exc_info=error,
            )
            return None
        await to_thread.run_sync(self._store.release, callback)
        delay = min(MAX_DELAY, FIRST_DELAY * 2.0 ** (attempts - 1)) * (0.5 + self._clock.random() / 2)
        logger.warning(
            "task %r: attempt %d of %d failed (%s); the next one is in %.1f s",
            *(callback.task_id, attempts, self._max_attempts, callback.failure, delay),
            exc_info=error,
        )
        return delay

    def _capacity(self) -> anyio.CapacityLimiter:
        try:
            return self._limiter.get()
        except LookupError:
            self._limiter.set(limiter := anyio.CapacityLimiter(self._parallel))
            return limiter

    def _lock_of(self, task_id: str) -> anyio.Lock:
        try:
            locks = self._locks.get()
        except LookupError:
            self._locks.set(locks := WeakValueDictionary())
        return locks.setdefault(task_id, anyio.Lock())


async def _call(function: Callable[[Any], Any], argument: object) -> Any:
    """Call a function. A synchronous one runs in a thread, so that it does not block the event loop."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        return await function(argument)
    (result,) = await to_thread.run_sync(lambda: (function(argument),))  # trio refuses a bare coroutine from a thread
    return await result if inspect.isawaitable(result) else result
