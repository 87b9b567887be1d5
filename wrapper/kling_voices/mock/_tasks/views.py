"""A task at one moment, and its form in each of Kling's envelopes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

UNITS = "0.05"  # what each task is charged in the mock; a real price is unverified (?)


@frozen
class TaskView:
    """A task at one moment.

    Attributes:
        task_id: Its id.
        status: In the words of the older envelope; a gateway with another word for success has that.
        message: Why it failed.
        external_task_id: The caller's id, None if the response does not name it.
        created_at: Seconds since 1970.
        updated_at: Seconds since 1970.
        results: The results by type, such as `{"voices": […]}`; None before the task has succeeded.
        is_deleted: Whether the results were deleted.
        is_charged: Whether the response states the charge.
    """

    task_id: str
    status: str
    message: str
    external_task_id: str | None
    created_at: float
    updated_at: float
    results: dict[str, Any] | None = None
    is_deleted: bool = False
    is_charged: bool = False


Form = Callable[[TaskView], dict[str, Any]]


def created(view: TaskView) -> dict[str, Any]:
    """The response to a create in Kling's older envelope (V)."""
    return {
        "task_id": view.task_id,
        "task_status": view.status,
        "task_info": {"external_task_id": view.external_task_id or ""},
        "created_at": int(view.created_at * 1000),
        "updated_at": int(view.updated_at * 1000),
    }


def described(view: TaskView) -> dict[str, Any]:
    """The response to a query in Kling's older envelope (V)."""
    task = {
        "task_id": view.task_id,
        "task_status": view.status,
        "task_status_msg": view.message,
        "task_info": {"external_task_id": view.external_task_id or ""},
        "created_at": int(view.created_at * 1000),
        "updated_at": int(view.updated_at * 1000),
    }
    if view.external_task_id is None:
        del task["task_info"], task["task_status_msg"]
    if view.results is not None:
        # The older envelope does not mention deleted results.
        task["task_result"] = {name: [] for name in view.results} if view.is_deleted else view.results
        if view.is_charged:
            task["final_unit_deduction"] = UNITS
    return task


def newer(view: TaskView) -> dict[str, Any]:
    """The task object of Kling's newer envelope (V)."""
    task: dict[str, Any] = {
        "id": view.task_id,
        "status": "succeeded" if view.status == "succeed" else view.status,
        "message": view.message,
        "create_time": int(view.created_at * 1000),
        "update_time": int(view.updated_at * 1000),
        "external_id": view.external_task_id or "",
    }
    if view.results is not None:
        task["outputs"] = list(_outputs(view))
        if view.is_charged:
            task["billing"] = [{"charge_type": "unit", "amount": UNITS, "list_price": UNITS}]
    return task


_NEWER_NAMES = {"voice_id": "id", "voice_name": "name", "trial_url": "url"}


def _outputs(view: TaskView) -> Iterator[dict[str, Any]]:
    status = "deleted" if view.is_deleted else "succeeded"
    for name, items in (view.results or {}).items():
        if name == "outputs":  # the contract describes the newer form
            yield from ({**item, "status": status} for item in items if isinstance(item, dict))
            continue
        for item in items if isinstance(items, list) else [items]:
            members = item if isinstance(item, dict) else {"value": item}
            renamed = {_NEWER_NAMES.get(key, key): value for key, value in members.items()}
            yield {"type": name.removesuffix("s"), **renamed, "status": status}
