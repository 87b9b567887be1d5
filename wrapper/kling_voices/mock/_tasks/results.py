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


class ResultBuilder:
    """Builds the results of one kind of task, in the envelope that the contract describes.

    Args:
        query: The response of the query, as the contract describes it.
        path: The path of the create.
    """

    def __init__(self, query: Response, path: str) -> None:
        task = _sample_task(query)
        self.is_newer = "id" in task and "task_id" not in task
        found = task.get("outputs" if self.is_newer else "task_result")
        self._described = {"outputs": found} if self.is_newer and isinstance(found, list) else found
        self._path = path

    def build(self, task: MockTask) -> dict[str, Any]:
        """The results by type, such as `{"voices": […]}`."""
        if task.operation == VOICES:
            return {"voices": [voice(task.result_id, str(task.body.get("voice_name", "")), OWNER)]}
        described = self._described if isinstance(self._described, dict) else {}
        found = copy.deepcopy(described) if described else _undescribed(self._path)
        for items in found.values():
            for item in items if isinstance(items, list) else [items]:
                if isinstance(item, dict) and isinstance(item.get("id"), str):
                    item["id"] = task.result_id
        return found


def _sample_task(query: Response) -> dict[str, Any]:
    """The task of the documented example, or of a value built from the schema; empty if neither describes one."""
    try:
        sample = query.sample
    except Unbuildable:
        return {}
    data = sample.get("data") if isinstance(sample, dict) else None
    return data if isinstance(data, dict) else {}


def _undescribed(path: str) -> dict[str, Any]:
    """The form of Kling's video and image tasks (V), for a contract that says nothing about results."""
    group = path.rstrip("/").rpartition("/")[0].rpartition("/")[2] or "results"
    name = group if group.endswith("s") else f"{group}s"
    return {name: [{"id": "", "url": f"https://mock.invalid/{name}/sample"}]}
