"""Deleting a voice."""

from __future__ import annotations

from .._protocol.requests import delete_voice_request
from .._protocol.tasks import parse_task
from ..errors import APIError, KlingVoicesError
from ..models import VoiceTask
from . import retry
from .send import CallContext, send_with_retries
from .steps import Flow
from .validation import validate_id

_NOT_FOUND_CODES = (1201, 1203)  # 1201: the code for tasks that do not exist (L); 1203: the general code (V)


def delete_voice(context: CallContext, voice_id: str) -> Flow[VoiceTask]:
    """The flow of the clients' `delete_voice`."""
    validate_id("voice_id", voice_id)
    failures: list[KlingVoicesError] = []

    def is_retryable(failure: KlingVoicesError) -> bool:
        failures.append(failure)
        return retry.is_read_retryable(failure)  # deleting twice does no harm

    try:
        return (yield from send_with_retries(context, delete_voice_request(voice_id), parse_task, is_retryable))
    except APIError as error:
        may_be_deleted = any(not retry.is_write_rejected(failure) for failure in failures[:-1])
        if may_be_deleted and (error.code in _NOT_FOUND_CODES or error.status_code == 404):
            return VoiceTask(request_id=error.request_id, raw=error.body)
        raise
