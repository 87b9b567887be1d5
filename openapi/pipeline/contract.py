"""Raise an OpenAPI 3.0 document to 3.1, whose schemas are plain JSON Schema 2020-12.

So every validator can hold an answer to the compiled contract without a dialect of its own.
"""

from __future__ import annotations

from typing import Any

from .documents import Document

_SCHEMA_MAPS = ("properties", "patternProperties")
_SCHEMA_LISTS = ("allOf", "anyOf", "oneOf")
_SCHEMA_PLACES = ("not", "items", "additionalProperties")


def compile_contract(document: Document) -> Document:
    """A copy of `document` as OpenAPI 3.1."""
    raised: Document = _walk(document, parent="")
    raised["openapi"] = "3.1.0"
    return raised


def _walk(node: Any, parent: str) -> Any:
    if isinstance(node, list):
        return [_walk(item, parent="") for item in node]
    if not isinstance(node, dict):
        return node
    if parent in ("example", "examples"):  # data, not description
        return node
    if parent == "schemas":
        return {name: to_json_schema(schema) for name, schema in node.items()}
    return {
        key: to_json_schema(value) if key == "schema" else _walk(value, parent=key) for key, value in node.items()
    }


def to_json_schema(schema: Any) -> Any:
    """An OpenAPI 3.0 schema object as JSON Schema 2020-12: `nullable`, exclusive bounds and `example` converted."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _SCHEMA_MAPS:
            result[key] = {name: to_json_schema(member) for name, member in value.items()}
        elif key in _SCHEMA_LISTS:
            result[key] = [to_json_schema(member) for member in value]
        elif key in _SCHEMA_PLACES:
            result[key] = to_json_schema(value)
        else:
            result[key] = value
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if result.get(exclusive) is True and bound in result:
            result[exclusive] = result.pop(bound)
        elif isinstance(result.get(exclusive), bool):
            del result[exclusive]
    if "example" in result:
        result["examples"] = [result.pop("example")]
    if result.pop("nullable", False) and "type" in result:  # 3.0.3: nullable works only beside a type
        result["type"] = [result["type"], "null"]
        if "enum" in result and None not in result["enum"]:
            # An enum without null forbids null, nullable or not, as OpenAPI 3.0.3 clarifies.
            result["type"] = result["type"][0]
    return result
