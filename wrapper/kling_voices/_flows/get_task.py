"""Querying one task."""

from __future__ import annotations

from .._protocol.requests import get_task_request
from .._protocol.tasks import parse_task
from ..errors import NotFoundError
from ..models import VoiceTask
from .send import CallContext, send_with_retries
from .steps import Flow
from .validation import validate_id


def get_task(context: CallContext, task_id: str) -> Flow[VoiceTask]:
    """The flow of the clients' `get_task`."""
    validate_id("task_id", task_id)
    return (yield from send_with_retries(context, get_task_request(task_id), parse_task, is_task_query=True))


def recover(context: CallContext, external_task_id: str) -> Flow[VoiceTask | None]:
    """The flow of the clients' `recover`."""
    validate_id("external_task_id", external_task_id)
    try:
        task = yield from send_with_retries(context, get_task_request(external_task_id), parse_task, is_task_query=True)
    except NotFoundError:
        return None
    return task if task.external_task_id in (external_task_id, None) else None
