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
    paths, queries = document["paths"], _queries(document)
    found = {}
    for create, path in _creates(document).items():
        if path in queries:
            query, id_name = queries[path]
            listing = paths[path].get("get", {}).get("operationId")
            found[create] = TaskOperations(create, query, id_name, listing)
    return found


def find_missing_queries(document: Mapping[str, Any]) -> dict[str, str]:
    """The path of the query that the document does not describe, by the operationId of its create."""
    queries = _queries(document)
    return {create: f"{path}/{{id}}" for create, path in _creates(document).items() if path not in queries}


def _creates(document: Mapping[str, Any]) -> dict[str, str]:
    """The path of each operation that accepts an external task id, by operationId."""
    paths: Mapping[str, Mapping[str, Any]] = document["paths"]
    return {
        item["post"]["operationId"]: path
        for path, item in paths.items()
        if "post" in item and EXTERNAL_ID in _body_properties(document, item["post"])
    }


def _queries(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The operationId and the path parameter of each `GET X/{id}`, by X."""
    found = {}
    for path, item in document["paths"].items():
        match = _LAST_PARAMETER.match(path)
        if match and "get" in item:
            found[match["collection"]] = (item["get"]["operationId"], match["name"])
    return found


def _body_properties(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str]:
    schemas = [schema for kind, schema in body_schemas(document, operation).items() if "json" in kind.lower()]
    return {name for schema in schemas for name in properties(document, schema)}
