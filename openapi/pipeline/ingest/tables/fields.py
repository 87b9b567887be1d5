"""Nested fields from flat rows: by indentation, by dotted names, or both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .rows import Row
from .sections import PageError
from .types import is_required, schema_of, value_of

_STEP = re.compile(r"(?P<name>[^.\[\]]+)(?P<lists>(?:\[\d*\])*)$")


def object_schema(rows: Sequence[Row]) -> dict[str, Any]:
    """The schema of the object that has these fields. Raises PageError for a row that fits in no place."""
    root: dict[str, Any] = {"type": "object", "properties": {}}
    open_rows: list[tuple[int, str, dict[str, Any]]] = []
    for row in rows:
        while open_rows and open_rows[-1][0] >= row.depth:
            shallower = open_rows.pop()[0]
            if shallower > row.depth and open_rows and open_rows[-1][0] < row.depth:
                raise PageError(
                    row.line,
                    f"{row.name!r} has a different indentation than the rows above; "
                    "indent it like the fields on its level",
                )
        if row.depth > 0 and not open_rows and rows[0].depth < row.depth:
            raise PageError(
                row.line,
                f"{row.name!r} has a different indentation than the rows above; indent it like the fields on its level",
            )
        around, parent = (open_rows[-1][1], open_rows[-1][2]) if open_rows else ("", root)
        name = _within(row.name, around)
        schema = _add(parent, name, row)
        open_rows.append((row.depth, f"{around}.{name}".lstrip("."), schema))
    return root


def _within(name: str, around: str) -> str:
    """The name relative to the field around it: `a.b` below `a` is `b`."""
    plain, prefix = re.sub(r"\[\d*\]", "", name), re.sub(r"\[\d*\]", "", around)
    return plain.removeprefix(f"{prefix}.") if prefix and plain.startswith(f"{prefix}.") else name


def _add(parent: dict[str, Any], name: str, row: Row) -> dict[str, Any]:
    """Add the field to its parent, below the fields that its dotted name goes through; gives its schema."""
    steps = [_STEP.match(step) for step in name.split(".")]
    if not all(steps):
        raise PageError(row.line, f"{name!r} is not a field name; write names with dots between them")
    found = [(step["name"], step["lists"].count("[")) for step in steps if step]
    for step, lists in found[:-1]:
        properties = _properties(parent, row)
        if step not in properties:
            properties[step] = _in_lists({"type": "object", "properties": {}}, lists)
        parent = properties[step]
    step, lists = found[-1]
    properties = _properties(parent, row)
    if step in properties:
        raise PageError(row.line, f"{row.name!r} is described twice; delete one of the rows")
    schema = (
        _in_lists(schema_of(row.type, row.line), lists) if not _is_list(row.type) else schema_of(row.type, row.line)
    )
    _annotate(schema, row)
    properties[step] = schema
    if is_required(row.required, row.line):
        _holder(parent, row).setdefault("required", []).append(step)
    return schema


def _is_list(cell: str) -> bool:
    return cell.strip().lower().startswith(("array", "list")) or cell.strip().endswith("[]")


def _in_lists(schema: dict[str, Any], count: int) -> dict[str, Any]:
    for _ in range(count):
        schema = {"type": "array", "items": schema}
    return schema


def _holder(parent: dict[str, Any], row: Row) -> dict[str, Any]:
    """The object that has the fields: the parent itself, or the items of its lists. Raises PageError."""
    while parent.get("type") == "array":
        parent = parent["items"]
    if parent.setdefault("type", "object") != "object":
        raise PageError(row.line, f"{row.name!r} is below a field of type {parent['type']}; only objects have fields")
    return parent


def _properties(parent: dict[str, Any], row: Row) -> dict[str, Any]:
    properties: dict[str, Any] = _holder(parent, row).setdefault("properties", {})
    return properties


def _annotate(schema: dict[str, Any], row: Row) -> None:
    if row.description:
        schema["description"] = row.description
    if row.default:
        schema["default"] = value_of(row.default, schema)
    if row.example:
        schema["example"] = value_of(row.example, schema)
