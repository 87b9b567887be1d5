"""Never pay twice: how a create is sent, sent again, and recovered.

A create costs money and is not idempotent by itself. So each carries an external task id, is sent again only when it
cannot have been accepted, and after any other failure is looked for under that id. It never goes out under a new one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, NamedTuple

from . import _retries
from ._answers import Success, messages
from ._checks import check_id
from ._core import Core
from ._ids import fresh_id
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
_TAKEN = ("external_task_id", "external task id", "already", "taken", "duplicate", "已存在", "重复")


def create(core: Core, request: dict[str, Any], reading: Callable[[Success], T]) -> Plan[T]:
    """Send a create, under its external task id or a fresh one, at most once as far as anyone can be charged for it.

    Returns what `reading` makes of the answer or, after an ambiguous failure, of the answer that shows the task.

    Raises:
        InvalidInputError: The external task id is one that nobody can ask for; nothing was sent.
        KlingVoicesError: With outcome "not_created" when it was surely refused.
        OutcomeUnknownError: When it may have been accepted and the gateway does not show its task.
    """
    body = request.setdefault("json", {})
    is_fresh = body.get("external_task_id") in (None, "")
    if is_fresh:
        body["external_task_id"] = fresh_id()
    external_task_id = body["external_task_id"]
    if not is_fresh:
        check_id("external_task_id", external_task_id)  # before anything is sent: one must be able to ask for it
    attempts = _Attempts(core, request, reading, external_task_id, is_fresh)
    try:
        return (yield from attempts.send())
    except KlingVoicesError:
        raise
    except BaseException as interruption:  # cancelled, or Ctrl-C: the id must outlive this frame
        leave_behind(interruption, "a create was interrupted and its outcome is unknown", external_task_id)
        raise


def leave_behind(interruption: BaseException, what: str, external_task_id: str | None) -> None:
    """Note and log by which id the task of an interrupted call is found again."""
    note = f"{what}: recover({external_task_id!r}) tells"
    interruption.add_note(note)
    logger.warning(note)


class _Attempts(NamedTuple, Generic[T]):
    """One create, however often it is sent."""

    core: Core
    request: dict[str, Any]
    reading: Callable[[Success], T]
    external_task_id: str
    is_fresh: bool  # nobody but this call can have used the id

    def send(self) -> Plan[T]:
        """Send until it is accepted, refused, or may have been either."""
        deadline = self.core.deadline()
        attempt = 0
        while True:
            try:
                seconds = self.core.seconds_left(deadline)
                return (yield from self.core.exchange(self.request, self.reading, seconds=seconds))
            except (APIError, ConnectionFailedError) as failure:
                # A taken id is ours where only this call can have used it: what it was refused with was not true.
                is_taken_by_us = (attempt or self.is_fresh) and _says_taken(failure)
                if is_taken_by_us or not _retries.write_was_refused(failure):
                    return (yield from self._find(failure))
                self._mark(failure, "not_created")
                if not _retries.write_may_be_repeated(failure):
                    raise
                rest = self.core.pause_before(attempt, deadline, failure)
                if rest is None:
                    raise
            yield rest
            attempt += 1

    def _find(self, failure: KlingVoicesError) -> Plan[T]:
        """The task that the gateway shows under the id, else OutcomeUnknownError from `failure`."""
        core, request = self.core, query("external_task_id", self.external_task_id)
        for attempt in range(core.max_retries + 1):
            yield Rest(_retries.pause(attempt, core.clock.draw()))
            try:
                found = yield from core.exchange(request, lambda it: it, seconds=core.timeout, querying_one=True)
                if _shows(found, self.external_task_id):
                    return self.reading(found)
            except AuthenticationError:
                break
            except KlingVoicesError as unanswered:  # "not found", too, proves nothing (G)
                logger.debug("looking for a task that may exist: %r", unanswered)
        self._mark(failure, "unknown")
        raise OutcomeUnknownError(
            f"The create may have been accepted: {failure} Ask with recover({self.external_task_id!r}) before creating "
            "the voice again.",
            outcome="unknown",
            external_task_id=self.external_task_id,
        ) from failure

    def _mark(self, failure: KlingVoicesError, outcome: Outcome) -> None:
        failure.outcome, failure.external_task_id = outcome, self.external_task_id


def _says_taken(failure: KlingVoicesError) -> bool:
    if not isinstance(failure, APIError) or failure.code != 1201:
        return False
    said = [message.lower() for message in messages(failure.body)]
    # Where the gateway says nothing, it may mean the id.
    return not said or any(word in message for word in _TAKEN for message in said)


def _shows(found: Success, external_task_id: str) -> bool:
    """Whether an answer to a query shows the task of that external id, and not another's."""
    if not isinstance(found.data, dict):
        return False
    info = found.data.get("task_info")
    told = info.get("external_task_id") if isinstance(info, dict) else found.data.get("external_task_id")
    return told in (external_task_id, None, "") and bool(found.data.get("task_id") or told)
