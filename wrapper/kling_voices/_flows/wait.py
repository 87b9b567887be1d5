"""Waiting until a task has succeeded or failed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from .._protocol.redaction import redact
from .._protocol.requests import get_task_request
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
from . import retry, validation
from .send import CallContext, send_once
from .steps import Flow, Sleep

logger = logging.getLogger("kling_voices")

# Seconds to wait after the poll of that number, from a random number and the failure of the poll, if it failed.
PollDelay: TypeAlias = Callable[[int, float, KlingVoicesError | None], float]

# Later responses may not repeat these fields, so they are copied from the first task.
_KEPT_FIELDS = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")


def wait(
    context: CallContext,
    task: VoiceTask | str,
    *,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
    poll_delay: PollDelay = retry.poll_delay,
) -> Flow[VoiceTask]:
    """The flow of the clients' `wait`."""
    validation.validate_wait(timeout, on_update)
    first = _initial_task(task)
    if first.failed or (first.succeeded and first.voices):  # a create may answer "succeed" without a voice
        return _result(first)
    try:
        return (
            yield from _poll(
                context,
                first,
                timeout=timeout,
                on_update=on_update,
                poll_delay=poll_delay,
                is_confirmed=isinstance(task, VoiceTask),
            )
        )
    except (VoiceCreationFailedError, WaitTimeoutError):
        raise
    except KlingVoicesError as error:
        if isinstance(task, VoiceTask):  # its create was accepted, whatever failed now
            error.outcome, error.external_task_id = "created", task.external_task_id
        raise


def _poll(
    context: CallContext,
    task: VoiceTask,
    *,
    timeout: float,
    on_update: Callable[[VoiceTask], object] | None,
    poll_delay: PollDelay,
    is_confirmed: bool,
) -> Flow[VoiceTask]:
    """Poll until the task has finished or the time is over. `is_confirmed`: the gateway has already shown the task."""
    request = get_task_request(task.query_id or "")
    parse_data = partial(parse_task, sent={name: getattr(task, name) for name in _KEPT_FIELDS})
    deadline = context.clock.monotonic() + timeout
    poll = 0
    while True:
        failure = None
        time_left = deadline - context.clock.monotonic()
        try:
            seconds = min(context.timeout, time_left) if time_left > 0 else context.timeout
            polled = yield from send_once(context, request, parse_data, timeout=seconds, is_task_query=True)
        except KlingVoicesError as error:
            if not _is_tolerated(error, task) or (not is_confirmed and poll >= context.max_retries):
                raise
            failure = error
        else:
            is_confirmed = True
            if on_update and polled.status != task.status:
                on_update(polled)
            task = polled
            if task.succeeded or task.failed:
                return _result(task)
        time_left = deadline - context.clock.monotonic()
        if time_left <= 0:
            raise _timeout_error(task, timeout) from failure
        delay = min(poll_delay(poll, context.clock.random(), failure), time_left)
        poll += 1
        if failure:
            logger.info("poll %d failed; the next poll is in %.2f s: %s", poll, delay, failure)
        yield Sleep(delay)


def _initial_task(task: VoiceTask | str) -> VoiceTask:
    if isinstance(task, str):
        task = VoiceTask(task_id=task)
    elif not (isinstance(task, VoiceTask) and task.query_id):
        raise InvalidInputError("the task has neither a task id nor an external task id; pass a VoiceTask or an id")
    validation.validate_id("task", task.query_id or "")
    return task


def _is_tolerated(failure: KlingVoicesError, task: VoiceTask) -> bool:
    """Whether the wait continues after this polling error."""
    if isinstance(failure, NotFoundError):  # a task known only by its external id may become visible later
        return task.task_id is None
    return isinstance(failure, UnexpectedResponseError) or retry.is_read_retryable(failure)


def _timeout_error(task: VoiceTask, timeout: float) -> WaitTimeoutError:
    state = f"is still {task.status!r}" if task.status else "has not been seen"
    return WaitTimeoutError(f"The task {task.query_id} {state} after {timeout:g} s; call wait() again.", task=task)


def _result(task: VoiceTask) -> VoiceTask:
    if task.failed:
        reason = redact(task.status_message or "the gateway gives no reason")
        raise VoiceCreationFailedError(f"The voice could not be created: {reason}", task=task)
    return task
