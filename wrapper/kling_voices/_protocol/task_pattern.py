"""Kling's task pattern in an OpenAPI document: which operations create, query and list tasks of the same kind.

All paid operations of Kling have the same shape (V): `POST X` accepts `external_task_id` in its JSON body, `GET X/{id}`
queries one task by either id, and `GET X`, where it exists, lists tasks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from .schemas import body_schemas, properties

EXTERNAL_ID = "external_task_id"

_LAST_PARAMETER = re.compile(r"^(?P<collection>.+)/\{(?P<name>[^{}/]+)\}$")


@frozen
class TaskOperations:
    """The operations on one kind of task, by operationId.

    Attributes:
        create: `POST X`; every call is charged.
        query: `GET X/{id}`.
        id_name: The name of the path parameter of `query`.
        list: `GET X`; None if the document does not describe it.
    """

    create: str
    query: str
    id_name: str
    list: str | None


def find_task_operations(document: Mapping[str, Any]) -> dict[str, TaskOperations]:
    """All kinds of tasks in an OpenAPI 3.0 or 3.1 document, by the operationId of the create."""
    paths: Mapping[str, Mapping[str, Any]] = document["paths"]
    queries = {}
    for path, item in paths.items():
        match = _LAST_PARAMETER.match(path)
        if match and "get" in item:
            queries[match["collection"]] = (item["get"]["operationId"], match["name"])
    found = {}
    for path, item in paths.items():
        if "post" in item and path in queries and EXTERNAL_ID in _body_properties(document, item["post"]):
            query, id_name = queries[path]
            listing = item.get("get", {}).get("operationId")
            create = item["post"]["operationId"]
            found[create] = TaskOperations(create, query, id_name, listing)
    return found


def _body_properties(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str]:
    schemas = [schema for kind, schema in body_schemas(document, operation).items() if "json" in kind.lower()]
    return {name for schema in schemas for name in properties(document, schema)}
