"""The links from the create of each kind of task to its query, for contracts whose pages do not declare them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from .operations import TaskKind, property_schemas, read_operations, read_task_kinds


def with_links(document: dict[str, Any]) -> dict[str, Any]:
    """A copy in which the success of each create links to its query, by the task id of the response."""
    linked = deepcopy(document)
    for kind in read_task_kinds(document):
        create = linked["paths"][kind.create.path][kind.create.method.lower()]
        responses = create["responses"]
        status = str(kind.create.success_status)
        responses[status] = dict(kind.create.responses[status])  # it may be a reference
        name = kind.query.path.rpartition("/")[2].strip("{}")  # the path may have other parameters before it
        parameters = {name: f"$response.body#/data/{_id_member(kind)}"}
        link = {"operationId": kind.query.name, "parameters": parameters}
        responses[status].setdefault("links", {"TheTask": link})
    return linked


def link_targets(document: dict[str, Any]) -> set[str]:
    """The names of the operations that need something that exists: links of other operations lead to them."""
    responses = (each for operation in read_operations(with_links(document)) for each in operation.responses.values())
    return {link["operationId"] for response in responses for link in response.get("links", {}).values()}


def linked_operations(document: dict[str, Any], kind: TaskKind) -> list[str]:
    """The names of the operations of a kind, and of those that their links lead to."""
    by_name = {operation.name: operation for operation in read_operations(document)}
    found: list[str] = []
    waiting = [kind.create.name, kind.query.name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            for response in by_name[name].responses.values():
                waiting += [link["operationId"] for link in response.get("links", {}).values()]
    return found


def _id_member(kind: TaskKind) -> str:
    """The member of `data` with the task id: `id` in Kling's newer envelope, else `task_id`."""
    data = property_schemas(kind.create.response_schema(), kind.create.document).get("data", {})
    members = property_schemas(data, kind.create.document)
    return "id" if "id" in members and "task_id" not in members else "task_id"
