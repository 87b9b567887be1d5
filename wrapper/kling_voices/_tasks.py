"""Reading tasks and voices out of successful answers, and the request that asks for one task."""

from __future__ import annotations

from typing import Any

from . import _checks, _operations
from ._answers import Success, unexpected
from .models import Voice, VoiceTask


def query(name: str, task_id: str) -> dict[str, Any]:
    """The request for one task, by its id or external id; `name` is what a refusal calls the argument."""
    _checks.check_id(name, task_id)
    return _operations.build(_operations.QUERY, {"id": task_id})


def read_task(success: Success, sent: dict[str, Any] | None = None) -> VoiceTask:
    """The task in the data of an answer: an envelope's, or an echo of the request.

    `sent` holds fields of the request, for what the answer does not repeat.
    """
    if not isinstance(success.data, dict):
        raise unexpected(success, "the data is not an object, so it is no task")
    task = VoiceTask.from_data(success.data, raw=success.raw, request_id=success.request_id, sent=sent)
    if not (task.task_id or isinstance(success.data.get("voice_name"), str)):
        raise unexpected(success, "the data has neither a task id nor the request's fields, so it is no task")
    return task


def read_tasks(success: Success) -> tuple[VoiceTask, ...]:
    """The tasks of a page; each keeps its own part of the answer as `raw`."""
    return tuple(VoiceTask.from_data(item, raw=item, request_id=success.request_id) for item in _items(success))


def read_voices(success: Success) -> tuple[Voice, ...]:
    """The voices in the tasks of a page."""
    return tuple(voice for task in read_tasks(success) for voice in task.voices)


def _items(success: Success) -> list[dict[str, Any]]:
    if not isinstance(success.data, list) or not all(isinstance(item, dict) for item in success.data):
        raise unexpected(success, "the data is not a list of objects, so it is no page of tasks")
    return success.data
