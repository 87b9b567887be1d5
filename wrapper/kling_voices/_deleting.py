"""Deleting a voice, as a plan."""

from __future__ import annotations

from . import _checks, _operations, _retries
from ._core import Core
from ._steps import Plan
from ._tasks import read_task
from .errors import APIError, KlingVoicesError
from .models import VoiceTask

_MISSING = (1201, 1203)  # what is not there: by the code for tasks (L), and by the general one (V)


def delete_voice(core: Core, voice_id: str) -> Plan[VoiceTask]:
    """Delete a voice for good.

    Nothing is charged, and an id never comes back, so a deletion whose answer was lost is sent again; when the voice is
    then gone, it is done.

    Args:
        voice_id: The voice's id, not its name and not its task's id (V).

    Returns:
        The task of the deletion. After a lost answer it may hold nothing but `raw`.

    Raises:
        InvalidInputError: Before anything is sent.
        APIError: The gateway refused. How it answers for a voice that does not exist is unverified (?).
        ConnectionFailedError: No answer came after the retries; the voice may be gone.
    """
    _checks.check_id("voice_id", voice_id)
    request = _operations.build(_operations.DELETE, {"body": {"voice_id": voice_id}})
    failures: list[KlingVoicesError] = []

    def repeatable(failure: KlingVoicesError) -> bool:
        failures.append(failure)
        return _retries.read_may_be_repeated(failure)

    try:
        return (yield from core.repeat(request, read_task, repeatable))
    except APIError as refusal:
        may_have_been_done = any(not _retries.write_was_refused(failure) for failure in failures[:-1])
        if may_have_been_done and (refusal.code in _MISSING or refusal.status_code == 404):
            return VoiceTask(request_id=refusal.request_id, raw=refusal.body)
        raise
