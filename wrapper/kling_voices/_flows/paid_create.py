"""How a create is sent so that it is never charged twice, for every kind of task.

A create costs money and is not idempotent. So every create carries an external task id, is sent again only if it cannot
have been accepted, and is looked up by that id after any other failure. It is never sent again under a new id.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

from .._protocol.responses import Success, messages
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
        request: The create.
        parse_data: Makes the result of the response or, after an ambiguous failure, of the response to the query by
            external task id.
        kind: The kind of the task.
        owns_id: Whether only this create can have used its external task id. "Already exists" then means that it was
            accepted earlier. A new UUID is always owned.
        is_retryable: Which certain rejections are retried within this flow.

    Raises:
        InvalidInputError: The external task id cannot be used in a query; nothing was sent.
        KlingVoicesError: The create was rejected; `outcome` is "not_created".
        OutcomeUnknownError: The create may have been accepted, and the gateway does not show its task.
    """
    body = request.setdefault("json", {})
    is_new_id = body.get("external_task_id") in (None, "")
    if is_new_id:
        body["external_task_id"] = str(uuid.uuid4())
    external_task_id: str = body["external_task_id"]
    if not is_new_id:
        validate_id("external_task_id", external_task_id)
    try:
        return (
            yield from _send_until_settled(
                context,
                request,
                parse_data,
                kind,
                external_task_id,
                owns_id=owns_id or is_new_id,
                is_retryable=is_retryable,
            )
        )
    except KlingVoicesError as failure:
        failure.external_task_id = external_task_id
        raise
    except BaseException as interruption:  # a cancellation or Ctrl-C: the caller still needs the id
        problem = "a create was interrupted and its outcome is unknown"
        attach_recovery_note(interruption, problem, kind, external_task_id)
        raise


def attach_recovery_note(
    interruption: BaseException, problem: str, kind: TaskKind, external_task_id: str | None
) -> None:
    """Add to an exception how to find the task of the interrupted call, and log it.

    The note is for people. For programs, the exception gets the attribute `external_task_id`.
    """
    note = f"{problem}; look the task up with {kind.lookup_call(external_task_id or '')}"
    interruption.add_note(note)
    vars(interruption)["external_task_id"] = external_task_id
    logger.warning(note)


def _send_until_settled(
    context: CallContext,
    request: dict[str, Any],
    parse_data: Callable[[Success], T],
    kind: TaskKind,
    external_task_id: str,
    *,
    owns_id: bool,
    is_retryable: Callable[[KlingVoicesError], bool],
) -> Flow[T]:
    """Send until the create is accepted, rejected, or may have been either."""
    deadline = context.deadline()
    attempt = 0
    while True:
        try:
            return (yield from send_once(context, request, parse_data, timeout=context.time_left(deadline)))
        except (APIError, ConnectionFailedError) as failure:
            # Only this call can have used the id, so "already exists" means that an earlier attempt was accepted.
            is_accepted_earlier = (attempt or owns_id) and _says_id_is_taken(failure)
            if is_accepted_earlier or not retry.is_write_rejected(failure):
                return (yield from _recover(context, parse_data, kind, external_task_id, failure))
            failure.outcome = "not_created"
            sleep = context.next_retry(attempt, deadline, failure) if is_retryable(failure) else None
            if sleep is None:
                raise
        yield sleep
        attempt += 1


def _recover(
    context: CallContext,
    parse_data: Callable[[Success], T],
    kind: TaskKind,
    external_task_id: str,
    failure: KlingVoicesError,
) -> Flow[T]:
    """The task with this external id, or OutcomeUnknownError because of `failure`."""
    request = kind.query_request(external_task_id)
    for attempt in range(context.max_retries + 1):
        delay = retry.backoff_delay(attempt, context.clock.random())
        logger.info(
            "lookup %d of %d of %r in %.2f s: %s",
            attempt + 1,
            context.max_retries + 1,
            external_task_id,
            delay,
            failure,
        )
        yield Sleep(delay)
        try:
            found = yield from send_once(context, request, _unchanged, timeout=context.timeout, is_task_query=True)
            if _is_task_of(found, external_task_id):
                return parse_data(found)
        except AuthenticationError:
            break
        except KlingVoicesError as error:  # "not found" proves nothing either (G)
            logger.debug("lookup of a task that may exist: %r", error)
    failure.outcome, failure.external_task_id = "unknown", external_task_id
    raise OutcomeUnknownError(
        f"The create may have been accepted: {failure.problem.rstrip('.')}.",
        outcome="unknown",
        external_task_id=external_task_id,
        advice=f"Check with {kind.lookup_call(external_task_id)} before you create it again.",
    ) from failure


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
