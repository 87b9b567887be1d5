"""The results of tasks that have succeeded: voices, and what the contract describes for other kinds of tasks."""

from __future__ import annotations

import copy
from typing import Any

from .._contract.instances import Unbuildable
from .._contract.responses import Response
from .presets import voice
from .task import MockTask

OWNER = "1000001"
VOICES = "create_custom_voice"


def results(task: MockTask, response: Response, path: str) -> dict[str, Any]:
    """The results by type, such as `{"voices": […]}`.

    Args:
        task: A task that has succeeded.
        response: The response of the query, as the contract describes it.
        path: The path of the create.
    """
    if task.operation == VOICES:
        return {"voices": [voice(task.result_id, str(task.body.get("voice_name", "")), OWNER)]}
    described = _described(response)
    found = copy.deepcopy(described) if described else _undescribed(path)
    for items in found.values():
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, dict) and isinstance(item.get("id"), str):
                item["id"] = task.result_id
    return found


def _described(response: Response) -> dict[str, Any]:
    """The `task_result` of the documented example, or of a value built from the schema; empty if neither has one."""
    try:
        sample = response.sample
    except Unbuildable:
        return {}
    data = sample.get("data") if isinstance(sample, dict) else None
    task = data[0] if isinstance(data, list) and data else data
    found = task.get("task_result") if isinstance(task, dict) else None
    return found if isinstance(found, dict) else {}


def _undescribed(path: str) -> dict[str, Any]:
    """The form of Kling's video and image tasks (V), for a contract that says nothing about results."""
    group = path.rstrip("/").rpartition("/")[0].rpartition("/")[2] or "results"
    name = group if group.endswith("s") else f"{group}s"
    return {name: [{"id": "", "url": f"https://mock.invalid/{name}/sample"}]}
