"""The operations of an OpenAPI document, with references resolved. Tests derive their cases from these.

This module does not use the pipeline, the wrapper or the mock gateway, because those are what is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")
EXTERNAL_ID = "external_task_id"
JSON = "application/json"


@frozen
class Body:
    """The request body of an operation."""

    schema: dict[str, Any]
    is_required: bool
    examples: tuple[Any, ...]

    @property
    def is_needed(self) -> bool:
        """Whether a useful request has the body: pages often forget to call a body required."""
        return self.is_required or bool(self.schema.get("required"))


@frozen
class Operation:
    """One operation of a document.

    Attributes:
        parameters: The declared parameters, resolved.
        body: The JSON body; None if there is none, or none in JSON.
        responses: The declared responses by status, resolved; "default" is one of the statuses.
    """

    name: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    body: Body | None
    responses: dict[str, dict[str, Any]]
    document: dict[str, Any] = field(repr=False)

    @property
    def success_status(self) -> int:
        """The status of a successful response."""
        return min(int(status) for status in self.responses if status.startswith("2"))

    def response_schema(self, status: int | str | None = None) -> dict[str, Any]:
        """The schema of the JSON response with this status, by default that of a successful response."""
        status = str(self.success_status if status is None else status)
        response = self.responses.get(status) or self.responses["default"]
        schema: dict[str, Any] = response.get("content", {}).get(JSON, {}).get("schema", {})
        return schema

    def parameters_in(self, place: str) -> dict[str, dict[str, Any]]:
        """The parameters in `place` ("path", "query", "header" or "cookie"), by name."""
        return {each["name"]: each for each in self.parameters if each["in"] == place}


@frozen
class TaskKind:
    """The operations on one kind of task: Kling's task pattern (V)."""

    create: Operation
    query: Operation
    list: Operation | None

    @property
    def name(self) -> str:
        """The name of the create, which identifies the kind."""
        return self.create.name


def read_operations(document: dict[str, Any]) -> tuple[Operation, ...]:
    """All operations of a document, in its order."""
    return tuple(
        _operation(document, path, method.upper(), item)
        for path, item in document.get("paths", {}).items()
        for method in item
        if method.upper() in METHODS
    )


def read_task_kinds(document: dict[str, Any]) -> tuple[TaskKind, ...]:
    """Every kind of task: `POST X` accepts `external_task_id`, `GET X/{id}` queries, and `GET X` may list."""
    by_place = {(each.method, each.path): each for each in read_operations(document)}
    queries = {each.path.rpartition("/")[0]: each for each in by_place.values() if _is_query(each)}
    return tuple(
        TaskKind(create, queries[create.path], by_place.get(("GET", create.path)))
        for create in by_place.values()
        if create.method == "POST" and create.path in queries and create.body
        if EXTERNAL_ID in property_schemas(create.body.schema, document)
    )


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or the component that it refers to."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def property_schemas(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The schema of each property, with the keywords that all branches of a composed schema give it."""
    schema = resolve(document, schema)
    found = {name: dict(resolve(document, member)) for name, member in schema.get("properties", {}).items()}
    for keyword in ("allOf", "oneOf", "anyOf"):
        for branch in schema.get(keyword, ()):
            for name, member in property_schemas(branch, document).items():
                found.setdefault(name, {}).update(member)
    return found


def _is_query(operation: Operation) -> bool:
    last = operation.path.rpartition("/")[2]
    return operation.method == "GET" and last.startswith("{") and last.endswith("}")


def _operation(document: dict[str, Any], path: str, method: str, item: dict[str, Any]) -> Operation:
    described = item[method.lower()]
    declared = [*item.get("parameters", ()), *described.get("parameters", ())]
    return Operation(
        described["operationId"],
        method,
        path,
        tuple(_parameter(document, parameter) for parameter in declared),
        _body(document, described),
        {status: resolve(document, response) for status, response in described["responses"].items()},
        document,
    )


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    parameter = resolve(document, parameter)
    return {**parameter, "schema": resolve(document, parameter.get("schema", {}))}


def _body(document: dict[str, Any], described: dict[str, Any]) -> Body | None:
    if "requestBody" not in described:
        return None
    body = resolve(document, described["requestBody"])
    if JSON not in body.get("content", {}):
        return None
    media = body["content"][JSON]
    return Body(resolve(document, media.get("schema", {})), bool(body.get("required")), tuple(_examples(media)))


def _examples(media: dict[str, Any]) -> Iterator[Any]:
    if "example" in media:
        yield media["example"]
    for example in media.get("examples", {}).values():
        if "value" in example:
            yield example["value"]
