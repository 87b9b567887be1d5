"""The description of an operation for people and programs, from the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from .field_descriptions import FieldInfo, alternatives_text, describe_field, describe_fields
from .schemas import Schema, body_schemas, resolve
from .task_pattern import TaskOperations


@frozen
class OperationInfo:
    """The description of a generated operation.

    Attributes:
        name: The name for `call`.
        method: The HTTP method.
        path: The path, with its parameters in braces.
        summary: The gateway's words for it.
        arguments: The arguments of `call` by name, and whether each is required.
        parameters: The arguments other than the body.
        body: The fields of the body, also nested ones; empty if there is no body, or if it is a file.
        body_rule: Which fields of the body exclude each other; empty if none do.
        creates_task: Whether a call creates a task, and so is charged.
        query: The operation that queries that task; None for other operations.
    """

    name: str
    method: str
    path: str
    summary: str
    arguments: dict[str, bool]
    parameters: tuple[FieldInfo, ...]
    body: tuple[FieldInfo, ...]
    body_rule: str
    creates_task: bool
    query: str | None


@frozen
class OperationObject:
    """An operation as the OpenAPI document has it; `parameters` are its own and those of its path."""

    path: str
    method: str
    operation: Schema
    parameters: list[Schema]


def describe(
    document: Schema,
    name: str,
    described: OperationObject,
    *,
    arguments: Mapping[str, bool],
    tasks: TaskOperations | None,
) -> OperationInfo:
    """The description of one operation of `document`; `arguments` are those of the generated function."""
    schema: Schema = next(iter(body_schemas(document, described.operation).values()), {})
    return OperationInfo(
        name=name,
        method=described.method,
        path=described.path,
        summary=" ".join((described.operation.get("summary") or "").split()),
        arguments=dict(arguments),
        parameters=_parameters(document, described.parameters, arguments),
        body=tuple(describe_fields(document, schema)),
        body_rule=alternatives_text(document, schema),
        creates_task=tasks is not None,
        query=tasks.query if tasks else None,
    )


def _parameters(document: Schema, given: list[Schema], arguments: Mapping[str, bool]) -> tuple[FieldInfo, ...]:
    described: dict[str, Schema] = {}
    for parameter in given:
        resolved = resolve(document, parameter)
        described[_comparable(resolved["name"])] = resolved
    found = []
    for name, required in arguments.items():
        if name != "body":
            parameter = described.get(_comparable(name), {})
            schema, text = parameter.get("schema", {}), parameter.get("description") or ""
            found.append(describe_field(document, name, schema, required=required, text=text))
    return tuple(found)


def _comparable(name: str) -> str:
    """The generator writes `pageNum` as `page_num`, so names are compared by their letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
