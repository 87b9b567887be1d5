"""Making a voice and waiting for it, as plans.

The first argument of each plan is the client's core; the clients bind it and carry the plan out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from . import _checks, _operations, _retries
from ._core import Core
from ._create import create, leave_behind
from ._secrets import conceal
from ._steps import Plan, Rest
from ._tasks import query, read_task
from .errors import (
    InvalidInputError,
    KlingVoicesError,
    NotFoundError,
    UnexpectedResponseError,
    VoiceCreationFailedError,
    WaitTimeoutError,
)
from .models import VoiceTask

_BODY_FIELDS = frozenset({"voice_name", "voice_url", "video_id", "callback_url", "external_task_id"})


def create_voice(
    core: Core,
    voice_name: str,
    *,
    voice_url: str | None = None,
    video_id: str | None = None,
    callback_url: str | None = None,
    external_task_id: str | None = None,
    extra_body: Mapping[str, Any] | None = None,
) -> Plan[VoiceTask]:
    """Ask for a voice; the task that makes it comes back, usually unfinished.

    Each create is charged. It is never sent twice where it could be charged twice: after an ambiguous failure the task
    is looked for by its external id instead.

    Args:
        voice_name: 1 to 20 characters (V; enforced, L). Refused when longer, never cut.
        voice_url: A public http(s) address of an .mp3, .wav, .mp4 or .mov with 5 to 30 seconds of one clean voice (S).
        video_id: In its place, a video made by V2.6 with sound on, the digital human or the lip-sync operation (S).
            An empty string counts as absent, for both (T).
        callback_url: An http(s) address that is told of each change. Whether voices are called back for is
            unverified (?), so treat a callback as a hint and ask.
        external_task_id: Your own id of the task, unique within the account (V); a fresh UUID where none is given.
        extra_body: Fields that a newer gateway knows and this version does not.

    Raises:
        InvalidInputError: Before anything is sent or charged.
        APIError: The gateway refused; one of its subclasses by cause. Nothing was created.
        ConnectionFailedError: The gateway could not be reached. Nothing was created.
        OutcomeUnknownError: It may have been created, and the gateway does not show it; `recover` asks again.
    """
    _checks.check_voice_name(voice_name)
    _checks.check_source(voice_url, video_id)
    _checks.check_callback_url(callback_url)
    _checks.check_external_task_id(external_task_id)
    _checks.check_extra_body(extra_body, _BODY_FIELDS)
    body = {
        "voice_name": voice_name,
        "voice_url": voice_url,
        "video_id": video_id,
        "callback_url": callback_url,
        "external_task_id": external_task_id,
    }
    given = {name: value for name, value in body.items() if value}
    request = _operations.build(_operations.CREATE, {"body": {**given, **(extra_body or {})}})
    sent = request["json"]
    return (yield from create(core, request, partial(read_task, sent=sent)))


def wait(
    core: Core,
    task: VoiceTask | str,
    *,
    timeout: float = 600.0,
    on_update: Callable[[VoiceTask], object] | None = None,
) -> Plan[VoiceTask]:
    """Ask for the task until it has succeeded.

    The pauses grow from 1 to 10 seconds, spread at random; a `Retry-After` is honoured. Single questions that fail in
    passing are survived. A status that is not known is neither an end nor an error.

    Args:
        task: A task, or a task id or external task id.
        timeout: Seconds to wait at most; 0 asks once.
        on_update: Called with the task whenever its status has changed, and the first time.

    Raises:
        VoiceCreationFailedError: The task has failed; it is in the error.
        WaitTimeoutError: It has not ended in time. The error holds the task as last seen, to wait for again.
        NotFoundError: The gateway does not know the task id.
        APIError: A refusal that asking again would not change.
    """
    _checks.check_wait(timeout, on_update)
    seen = _waited_for(task)
    if seen.failed or (seen.succeeded and seen.voices):  # the answer to a create may say "succeed" and name no voice
        return _ended(seen)
    request = query("task", seen.query_id or "")
    reading = partial(read_task, sent={name: getattr(seen, name) for name in _BODY_FIELDS})
    deadline = core.clock.monotonic() + timeout
    failures = 0
    for number in itertools.count():
        failure = None
        left = deadline - core.clock.monotonic()
        try:
            seconds = min(core.timeout, left) if left > 0 else core.timeout
            latest = yield from core.exchange(request, reading, seconds=seconds, querying_one=True)
        except KlingVoicesError as error:
            failures += 1
            # An id that nothing was ever heard of gets the patience of a single question.
            heard_of = isinstance(task, VoiceTask) or failures <= number
            if not _survivable(error, seen) or not (heard_of or failures <= core.max_retries):
                if isinstance(task, VoiceTask):  # whatever went wrong now, its create was accepted
                    error.outcome, error.external_task_id = "created", seen.external_task_id
                raise
            failure = error
        else:
            if on_update and latest.status != seen.status:
                on_update(latest)
            seen = latest
            if seen.succeeded or seen.failed:
                return _ended(seen)
        left = deadline - core.clock.monotonic()
        if left <= 0:
            raise WaitTimeoutError(
                f"The task {seen.query_id} had not ended after {timeout:g} seconds, its status is "
                f"{seen.status or 'unknown'}. It goes on; wait for it again.",
                task=seen,
            ) from failure
        yield Rest(min(_retries.poll_pause(number, core.clock.draw(), failure), left))
    raise AssertionError("unreachable")  # itertools.count has no end


def create_and_wait(
    core: Core,
    voice_name: str,
    *,
    voice_url: str | None = None,
    video_id: str | None = None,
    callback_url: str | None = None,
    external_task_id: str | None = None,
    extra_body: Mapping[str, Any] | None = None,
    timeout: float = 600.0,
    on_update: Callable[[VoiceTask], object] | None = None,
) -> Plan[VoiceTask]:
    """`create_voice`, then `wait`: the task that comes back has succeeded.

    Args:
        voice_name: As for `create_voice`, like the five that follow.
        voice_url: See there.
        video_id: See there.
        callback_url: See there.
        external_task_id: See there.
        extra_body: See there.
        timeout: Seconds to wait at most after the create, as for `wait`.
        on_update: As for `wait`; called first with the created task.

    Raises:
        KlingVoicesError: All that `create_voice` and `wait` raise. Once the create has been accepted, each error has
            the outcome "created" and the external task id.
    """
    _checks.check_wait(timeout, on_update)
    task = yield from create_voice(
        core,
        voice_name,
        voice_url=voice_url,
        video_id=video_id,
        callback_url=callback_url,
        external_task_id=external_task_id,
        extra_body=extra_body,
    )
    try:
        if on_update:
            on_update(task)
        if timeout and not (task.succeeded or task.failed):
            yield Rest(min(_retries.FIRST_POLL, timeout))
        return (yield from wait(core, task, timeout=timeout, on_update=on_update))
    except KlingVoicesError:
        raise
    except BaseException as interruption:  # cancelled, Ctrl-C, or an error of on_update: the caller has no task yet
        leave_behind(interruption, "the voice was created and the wait for it interrupted", task.external_task_id)
        raise


def _waited_for(task: VoiceTask | str) -> VoiceTask:
    if isinstance(task, str):
        _checks.check_id("task", task)
        return VoiceTask(task_id=task)
    if isinstance(task, VoiceTask) and task.query_id:
        return task
    raise InvalidInputError("the task has neither a task id nor an external task id; wait for a VoiceTask or an id")


def _survivable(failure: KlingVoicesError, task: VoiceTask) -> bool:
    """Whether a wait goes on after a question that failed so."""
    if isinstance(failure, NotFoundError):  # an echo names no task, which may yet appear under the external id
        return task.task_id is None
    return isinstance(failure, UnexpectedResponseError) or _retries.read_may_be_repeated(failure)


def _ended(task: VoiceTask) -> VoiceTask:
    if task.failed:
        reason = conceal(task.status_message or "the gateway gives no reason")
        raise VoiceCreationFailedError(f"The voice could not be made: {reason}", task=task)
    return task
