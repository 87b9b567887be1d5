"""Never pay twice: how a create is sent, sent again, and recovered.

A create costs money and is not idempotent by itself. So each carries an external task id, is sent again only when it
cannot have been accepted, and after any other failure is looked for under that id. It never goes out under a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from . import _retries
from ._answers import Success
from ._core import Core
from ._steps import Plan, Rest, T
from ._tasks import query
from .errors import (
    APIError,
    AuthenticationError,
    ConnectionFailedError,
    KlingVoicesError,
    Outcome,
    OutcomeUnknownError,
)

logger = logging.getLogger("kling_voices")

# How a gateway words it that an external task id is taken; its code, 1201, stands for any invalid parameter.
_TAKEN = ("external_task_id", "exist", "duplicate", "unique", "repeat", "已存在", "重复")


def create(core: Core, request: dict[str, Any], external_task_id: str, reading: Callable[[Success], T]) -> Plan[T]:
    """Send a create that carries `external_task_id`, at most once as far as anyone can be charged for it.

    Returns what `reading` makes of the answer or, after an ambiguous failure, of the answer that shows the task.

    Raises:
        KlingVoicesError: With outcome "not_created" when it was surely refused.
        OutcomeUnknownError: When it may have been accepted and the gateway does not show its task.
    """
    try:
        return (yield from _send(core, request, external_task_id, reading))
    except KlingVoicesError:
        raise
    except BaseException as interruption:  # cancelled, or Ctrl-C: the id must outlive this frame
        note = f"a create was interrupted; its outcome is unknown: recover({external_task_id!r}) tells"
        interruption.add_note(note)
        logger.warning(note)
        raise


def _send(core: Core, request: dict[str, Any], external_task_id: str, reading: Callable[[Success], T]) -> Plan[T]:
    deadline = core.deadline()
    attempt = 0
    while True:
        try:
            return (yield from core.exchange(request, reading, seconds=core.seconds_left(deadline)))
        except (APIError, ConnectionFailedError) as failure:
            if not _retries.write_was_refused(failure):
                return (yield from _find(core, external_task_id, reading, failure))
            if attempt and _says_taken(failure):  # by this very call: a refused first attempt got through after all
                return (yield from _find(core, external_task_id, reading, failure))
            _mark(failure, "not_created", external_task_id)
            if not _retries.write_may_be_repeated(failure):
                raise
            rest = core.pause_before(attempt, deadline, failure)
            if rest is None:
                raise
        yield rest
        attempt += 1


def _mark(failure: KlingVoicesError, outcome: Outcome, external_task_id: str) -> KlingVoicesError:
    failure.outcome, failure.external_task_id = outcome, external_task_id
    return failure


def _says_taken(failure: KlingVoicesError) -> bool:
    if not isinstance(failure, APIError) or failure.code != 1201:
        return False
    return any(word in failure.message.lower() for word in _TAKEN)


def _find(core: Core, external_task_id: str, reading: Callable[[Success], T], failure: KlingVoicesError) -> Plan[T]:
    """The task that the gateway shows under the id, else OutcomeUnknownError from `failure`."""
    request = query("external_task_id", external_task_id)
    for attempt in range(core.max_retries + 1):
        yield Rest(_retries.pause(attempt, core.clock.draw()))
        try:
            found = yield from core.exchange(request, lambda it: it, seconds=core.timeout, querying_one=True)
            if shows(found, external_task_id):
                return reading(found)
        except AuthenticationError:
            break
        except KlingVoicesError as unanswered:  # "not found", too, proves nothing (G)
            logger.debug("looking for a task that may exist: %r", unanswered)
    raise OutcomeUnknownError(
        f"The create may have been accepted: {failure} Ask with recover({external_task_id!r}) before creating the "
        "voice again.",
        outcome="unknown",
        external_task_id=external_task_id,
    ) from _mark(failure, "unknown", external_task_id)


def shows(found: Success, external_task_id: str) -> bool:
    """Whether an answer to a query shows the task of that external id, and not another's."""
    if not isinstance(found.data, dict):
        return False
    info = found.data.get("task_info")
    told = info.get("external_task_id") if isinstance(info, dict) else found.data.get("external_task_id")
    return told in (external_task_id, None, "") and bool(found.data.get("task_id") or told)
