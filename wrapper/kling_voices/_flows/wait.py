"""Waiting until a task has succeeded or failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from .._protocol.tasks import parse_task
from ..errors import (
    InvalidInputError,
    KlingVoicesError,
    NotFoundError,
    UnexpectedResponseError,
    VoiceCreationFailedError,
    WaitTimeoutError,
)
from ..models import VoiceTask
from . import notifications, retry, validation
from .paid_create import attach_recovery_note, recovery_note
from .send import CallContext, send_once
from .steps import Flow, Sleep
from .task_kind import VOICES, TaskKind

logger = logging.getLogger("kling_voices")

# Seconds to wait after the poll of that number, from a random number and the failure of the poll, if it failed.
PollDelay: TypeAlias = Callable[[int, float, KlingVoicesError | None], float]

_INTERRUPTED = "the task was created, but the wait for it was interrupted"

# Later responses may not repeat these fields, so they are copied from the first task.
_KEPT_FIELDS = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")


def wait(
    context: CallContext,
    task: VoiceTask | str,
    *,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
) -> Flow[VoiceTask]:
    """The flow of the clients' `wait`."""
    validation.validate_wait(timeout, on_update)
    first = _initial_task(task)
    is_confirmed = isinstance(task, VoiceTask)
    return (yield from poll(context, first, VOICES, timeout=timeout, on_update=on_update, is_confirmed=is_confirmed))


def wait_for_created(
    context: CallContext,
    task: VoiceTask,
    kind: TaskKind,
    *,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
) -> Flow[VoiceTask]:
    """Wait for a task that was just created. An interruption gets a note, because the caller has no task yet."""
    try:
        if on_update:
            on_update(task)
        if timeout and not (task.succeeded or task.failed):
            yield Sleep(min(retry.FIRST_POLL_DELAY, timeout))
        return (yield from poll(context, task, kind, timeout=timeout, on_update=on_update, is_confirmed=True))
    except KlingVoicesError as failure:
        if failure.outcome == "not_created":  # of a query by on_update, for example
            failure.outcome, failure.external_task_id = "created", task.external_task_id
        elif failure.external_task_id != task.external_task_id:  # of another create, which on_update has sent
            failure.add_note(recovery_note(_INTERRUPTED, kind, task.external_task_id))
        raise
    except BaseException as interruption:  # a cancellation, Ctrl-C or an error of on_update
        attach_recovery_note(interruption, _INTERRUPTED, kind, task.external_task_id)
        raise


def poll(
    context: CallContext,
    task: VoiceTask,
    kind: TaskKind,
    *,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
    is_confirmed: bool,
    poll_delay: PollDelay = retry.poll_delay,
) -> Flow[VoiceTask]:
    """Query a task until it has succeeded, and return it as of the last query.

    Args:
        context: The settings of the client.
        task: The task as it is known so far. If it has failed, or has succeeded with voices, it is not queried.
        kind: The kind of the task.
        timeout: Maximum seconds to wait; 0 queries once.
        on_update: Called with the task whenever its status has changed.
        is_confirmed: Whether the gateway has shown the task. Its create was accepted then, whatever fails afterwards.
        poll_delay: The delay between queries.

    Raises:
        VoiceCreationFailedError: The task has failed.
        WaitTimeoutError: The task has not finished in time.
        KlingVoicesError: The gateway rejected the query.
    """
    if task.failed:
        raise _failure(task, kind)
    if task.succeeded and task.voices:  # without voices, the response to a create does not have the result
        return task
    poller = _Poller(context, task, kind, on_update, is_confirmed=is_confirmed, poll_delay=poll_delay)
    deadline = context.clock.monotonic() + timeout
    with notifications.notifier.listen() as listener:
        while True:
            listener.begin_poll(poller.task)
            failure = yield from poller.query_once(deadline)
            if poller.task.succeeded and failure is None:
                return poller.task
            time_left = deadline - context.clock.monotonic()
            if time_left <= 0:
                raise _timeout_error(poller.task, kind, timeout) from failure
            delay = poller.next_delay(time_left, failure)
            if failure:
                yield Sleep(delay)
            else:
                yield from notifications.notifier.sleep(listener, poller.task, context.clock, delay)


class _Poller:
    """The state of one wait."""

    def __init__(
        self,
        context: CallContext,
        task: VoiceTask,
        kind: TaskKind,
        on_update: Callable[[VoiceTask], object] | None,
        *,
        is_confirmed: bool,
        poll_delay: PollDelay,
    ) -> None:
        self.task = task
        self._context, self._kind, self._on_update = context, kind, on_update
        self._poll_delay = poll_delay
        self._is_created = is_confirmed  # an error after this is an error of waiting, not of creating
        self._is_confirmed = is_confirmed
        self._external_task_id = task.external_task_id
        self._request: Mapping[str, Any] = kind.query_request(task.query_id or "")
        self._parse_data = partial(parse_task, sent={name: getattr(task, name) for name in _KEPT_FIELDS})
        self._polls = 0

    def query_once(self, deadline: float) -> Flow[KlingVoicesError | None]:
        """Query the task once; returns the failure of the query if it is tolerated."""
        time_left = deadline - self._context.clock.monotonic()
        timeout = min(self._context.timeout, time_left) if time_left > 0 else self._context.timeout
        try:
            task = yield from send_once(
                self._context, dict(self._request), self._parse_data, timeout=timeout, is_task_query=True
            )
        except KlingVoicesError as failure:
            if self._is_tolerated(failure):
                return failure
            if self._is_created:
                failure.outcome, failure.external_task_id = "created", self._external_task_id
            raise
        self._is_confirmed = True
        if self._on_update and task.status != self.task.status:
            self._on_update(task)
        self.task = task
        if task.failed:
            raise _failure(task, self._kind)
        return None

    def next_delay(self, time_left: float, failure: KlingVoicesError | None) -> float:
        """Seconds until the next query."""
        delay = min(self._poll_delay(self._polls, self._context.clock.random(), failure), time_left)
        self._polls += 1
        if failure:
            logger.info("poll %d failed; the next poll is in %.2f s: %s", self._polls, delay, failure)
        return delay

    def _is_tolerated(self, failure: KlingVoicesError) -> bool:
        """Whether the wait continues after this failure of a query."""
        if not self._is_confirmed and self._polls >= self._context.max_retries:
            return False
        if isinstance(failure, NotFoundError):  # a task known only by its external id may become visible later
            return self.task.task_id is None
        return isinstance(failure, UnexpectedResponseError) or retry.is_read_retryable(failure)


def _initial_task(task: VoiceTask | str) -> VoiceTask:
    if isinstance(task, str):
        task = VoiceTask(task_id=task)
    elif not (isinstance(task, VoiceTask) and task.query_id):
        raise InvalidInputError("the task has neither a task id nor an external task id; pass a VoiceTask or an id")
    validation.validate_id("task", task.query_id or "")
    return task


def _timeout_error(task: VoiceTask, kind: TaskKind, timeout: float) -> WaitTimeoutError:
    state = f"is still {task.status!r}" if task.status else "has not been seen"
    return WaitTimeoutError(
        f"The task {task.query_id} {state} after {timeout:g} s.",
        task=task,
        advice=f"Continue with {kind.wait_call(task.query_id or '')}.",
    )


def _failure(task: VoiceTask, kind: TaskKind) -> VoiceCreationFailedError:
    reason = task.status_message or "the gateway gives no reason"
    return VoiceCreationFailedError(f"{kind.failure}: {reason}", task=task)
