"""Reading the schemas of an OpenAPI document: references, properties and required fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

_MAX_REFERENCES = 20  # one after the other; references can be circular
_MAX_DEPTH = 6  # of compositions, which can be circular, too


def resolve(document: Schema, node: Schema) -> Schema:
    """The node itself, or the part of the document that it refers to; an empty mapping for circular references."""
    for _ in range(_MAX_REFERENCES):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return {}


def properties(document: Schema, schema: Schema, depth: int = 0) -> dict[str, Schema]:
    """The properties of an object, also those of its compositions; the outermost description of each counts."""
    schema = resolve(document, schema)
    found: dict[str, Schema] = {}
    if depth < _MAX_DEPTH:
        for keyword in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(keyword, ()):
                found.update(properties(document, part, depth + 1))
    own = schema.get("properties", {})
    return {**own, **{name: found[name] for name in found if name not in own}}


def required_fields(document: Schema, schema: Schema, depth: int = 0) -> frozenset[str]:
    """The fields that every valid object has."""
    schema = resolve(document, schema)
    required = frozenset(schema.get("required", ()))
    if depth < _MAX_DEPTH:
        for part in schema.get("allOf", ()):
            required |= required_fields(document, part, depth + 1)
    return required


def body_schemas(document: Schema, operation: Schema) -> dict[str, Schema]:
    """The schemas of a request body by media type, JSON first, because generated code prefers it."""
    content = resolve(document, operation.get("requestBody", {})).get("content", {})
    kinds = sorted(content, key=lambda kind: "json" not in kind.lower())
    return {kind: content[kind].get("schema", {}) for kind in kinds}
