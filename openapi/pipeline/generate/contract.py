"""Convert an OpenAPI 3.0 document to 3.1, whose schemas are plain JSON Schema 2020-12.

So any JSON Schema validator can check a response against the compiled contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..spec.documents import Document


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
    if parent in ("example", "examples"):  # data, not a schema
        return node
    if parent == "schemas":
        return {name: to_json_schema(schema) for name, schema in node.items()}
    return {key: to_json_schema(value) if key == "schema" else _walk(value, parent=key) for key, value in node.items()}


def to_json_schema(schema: Any) -> Any:
    """An OpenAPI 3.0 schema object as JSON Schema 2020-12: `nullable`, exclusive bounds and `example` converted."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    return _nullable_as_type(_example_as_examples(_bounds_as_numbers({k: _member(k, v) for k, v in schema.items()})))


def _member(key: str, value: Any) -> Any:
    if key in _SCHEMA_MAPS:
        return {name: to_json_schema(member) for name, member in value.items()}
    if key in _SCHEMA_LISTS:
        return [to_json_schema(member) for member in value]
    return to_json_schema(value) if key in _SCHEMA_PLACES else value


def _bounds_as_numbers(schema: dict[str, Any]) -> dict[str, Any]:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            excludes = schema.pop(exclusive)
            if excludes and bound in schema:
                schema[exclusive] = schema.pop(bound)
    return schema


def _example_as_examples(schema: dict[str, Any]) -> dict[str, Any]:
    if "example" in schema:
        schema["examples"] = [schema.pop("example")]
    return schema


def _nullable_as_type(schema: dict[str, Any]) -> dict[str, Any]:
    # 3.0.3: nullable works only beside a type, and an enum without null still forbids null.
    if schema.pop("nullable", False) and "type" in schema and None in schema.get("enum", [None]):
        schema["type"] = [schema["type"], "null"]
    return schema
