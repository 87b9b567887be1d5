"""How a create is sent so that it is never charged twice, for every kind of task.

A create costs money and is not idempotent. So every create carries an external task id, is sent again only if it cannot
have been accepted, and is looked up by that id after any other failure. It is never sent again under a new id.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, Generic

from attrs import frozen

from .._protocol.responses import Success, messages
from .._protocol.task_pattern import EXTERNAL_ID
from .._protocol.tasks import parse_task
from ..errors import (
    APIError,
    AuthenticationError,
    ConnectionFailedError,
    KlingVoicesError,
    OutcomeUnknownError,
    UnexpectedResponseError,
)
from . import retry
from .send import CallContext, send_once
from .steps import Flow, Sleep, T
from .task_kind import TaskKind
from .validation import validate_id

logger = logging.getLogger("kling_voices")

# Words by which gateways say that an external task id is taken. The code, 1201, stands for any invalid parameter.
_TAKEN_WORDS = ("external_task_id", "external task id", "already", "taken", "duplicate", "已存在", "重复")


def send_create(
    context: CallContext,
    request: dict[str, Any],
    parse_data: Callable[[Success], T],
    kind: TaskKind,
    *,
    owns_id: bool = False,
    is_retryable: Callable[[KlingVoicesError], bool] = retry.is_write_retryable,
) -> Flow[T]:
    """Send a create under its external task id, or a new UUID, so that it is charged at most once.

    Args:
        context: The settings of the client.
        request: The request, as described by the generated code. Its body gets an external task id.
        parse_data: Makes the result from the response to the create or to the query by external task id.
        kind: The kind of the task, which says how to query it.
        owns_id: Whether only this create can have used its external task id. "Already exists" then means that it was
            accepted earlier. A new UUID is always owned.
        is_retryable: Which certain rejections are retried within this flow.

    Raises:
        InvalidInputError: The external task id cannot be used in a query; nothing was sent.
        KlingVoicesError: The create was rejected; `outcome` is "not_created".
        OutcomeUnknownError: The create may have been accepted, and the gateway does not show its task.
    """
    body = request.setdefault("json", {})
    if body.get(EXTERNAL_ID) in (None, ""):
        body[EXTERNAL_ID], owns_id = str(uuid.uuid4()), True
    external_task_id: str = body[EXTERNAL_ID]
    validate_id(EXTERNAL_ID, external_task_id)
    create = _PaidCreate(context, request, parse_data, kind, external_task_id, owns_id, is_retryable)
    try:
        return (yield from create.send_until_settled())
    except KlingVoicesError as failure:
        failure.external_task_id = external_task_id
        raise
    except BaseException as interruption:  # a cancellation or Ctrl-C: the caller still needs the id
        problem = "a create was interrupted and its outcome is unknown"
        attach_recovery_note(interruption, problem, kind, external_task_id)
        raise


@frozen
class _PaidCreate(Generic[T]):
    """One create with its external task id; the attributes are the arguments of `send_create`."""

    context: CallContext
    request: dict[str, Any]
    parse_data: Callable[[Success], T]
    kind: TaskKind
    external_task_id: str
    owns_id: bool
    is_retryable: Callable[[KlingVoicesError], bool]

    def send_until_settled(self) -> Flow[T]:
        """Send until the create is accepted, rejected, or may have been either."""
        context = self.context
        deadline = context.deadline()
        attempt = 0
        while True:
            try:
                timeout = context.time_left(deadline)
                return (yield from send_once(context, self.request, self.parse_data, timeout=timeout))
            except (APIError, ConnectionFailedError) as failure:
                # Only this call can have used the id, so "already exists" means that an earlier attempt was accepted.
                is_accepted_earlier = (attempt or self.owns_id) and _says_id_is_taken(failure)
                if is_accepted_earlier or not retry.is_write_rejected(failure):
                    return (yield from self._look_up(failure))
                failure.outcome = "not_created"
                sleep = context.next_retry(attempt, deadline, failure) if self.is_retryable(failure) else None
                if sleep is None:
                    raise
            yield sleep
            attempt += 1

    def _look_up(self, failure: KlingVoicesError) -> Flow[T]:
        """The result from the task with this external id, or OutcomeUnknownError because of `failure`."""
        context, external_task_id = self.context, self.external_task_id
        request = self.kind.query_request(external_task_id)
        lookups = context.max_retries + 1
        for attempt in range(lookups):
            delay = retry.backoff_delay(attempt, context.clock.random())
            logger.info("lookup %d of %d of %r in %.2f s: %s", attempt + 1, lookups, external_task_id, delay, failure)
            yield Sleep(delay)
            try:
                found = yield from send_once(context, request, _unchanged, timeout=context.timeout, is_task_query=True)
                if _is_task_of(found, external_task_id):
                    return self.parse_data(found)
            except AuthenticationError:
                break
            except KlingVoicesError as error:  # "not found" proves nothing either (G)
                logger.debug("lookup of a task that may exist: %r", error)
        failure.outcome, failure.external_task_id = "unknown", external_task_id
        raise OutcomeUnknownError(
            f"The create may have been accepted: {failure.problem.rstrip('.')}.",
            outcome="unknown",
            external_task_id=external_task_id,
            advice=f"Check with {self.kind.lookup_call(external_task_id)} before you create it again.",
        ) from failure


def attach_recovery_note(
    interruption: BaseException, problem: str, kind: TaskKind, external_task_id: str | None
) -> None:
    """Add to an exception how to find the task of the interrupted call, and log it.

    The note is for people. For programs, the exception gets the attribute `external_task_id`.
    """
    note = recovery_note(problem, kind, external_task_id)
    interruption.add_note(note)
    vars(interruption)["external_task_id"] = external_task_id
    logger.warning(note)


def recovery_note(problem: str, kind: TaskKind, external_task_id: str | None) -> str:
    """A problem, and the call that looks the task up."""
    return f"{problem}; look the task up with {kind.lookup_call(external_task_id or '')}"


def _unchanged(success: Success) -> Success:
    return success


def _says_id_is_taken(failure: KlingVoicesError) -> bool:
    if not isinstance(failure, APIError) or failure.code != 1201:
        return False
    texts = [message.lower() for message in messages(failure.body)]
    # A response without a message may mean the id.
    return not texts or any(word in text for word in _TAKEN_WORDS for text in texts)


def _is_task_of(success: Success, external_task_id: str) -> bool:
    """Whether the response to a query shows the task with this external id, and not another one."""
    try:
        task = parse_task(success)
    except UnexpectedResponseError:
        return False
    if task.external_task_id not in (external_task_id, None):
        return False
    return task.task_id is not None or task.external_task_id is not None
