"""Readable descriptions of JSON Schemas: names, types and limits of fields as short texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from .schemas import Schema, properties, required_fields, resolve

_MAX_DEPTH = 4  # of nested objects that are described field by field


@frozen
class FieldInfo:
    """The description of a field or a parameter.

    Attributes:
        name: The name. A field of an object is `object.field`, one of an array's items is `array[].field`.
        type: The type in words, such as `array of string` or `one of std, pro`.
        required: Whether it must be given, together with the object that contains it.
        bounds: Limits and default in words, such as `1 to 20 characters`; empty if there are none.
        description: The gateway's text, on one line.
    """

    name: str
    type: str
    required: bool
    bounds: str
    description: str


def describe_field(document: Schema, name: str, schema: Schema, *, required: bool, text: str = "") -> FieldInfo:
    """The description of one field; `text` describes it if its schema does not."""
    schema = resolve(document, schema)
    description = " ".join((schema.get("description") or text).split())
    return FieldInfo(name, type_text(document, schema), required, bounds_text(schema), description)


def describe_fields(document: Schema, schema: Schema, prefix: str = "", depth: int = 0) -> Iterator[FieldInfo]:
    """The fields of an object and of the objects in it, in the order of the document."""
    schema = resolve(document, schema)
    required = required_fields(document, schema)
    for name, value in properties(document, schema).items():
        field = describe_field(document, prefix + name, value, required=name in required)
        yield field
        nested, suffix = _items(document, value)
        if depth < _MAX_DEPTH:
            yield from describe_fields(document, nested, f"{field.name}{suffix}.", depth + 1)


def alternatives_text(document: Schema, schema: Schema) -> str:
    """Which fields exclude each other, such as `exactly one of voice_url, video_id`; empty if none do."""
    schema = resolve(document, schema)
    always = required_fields(document, schema)
    branches = [required_fields(document, branch) - always for branch in schema.get("oneOf", ())]
    if len(branches) < 2 or any(len(branch) != 1 for branch in branches):
        return ""
    return f"exactly one of {', '.join(name for branch in branches for name in branch)}"


def type_text(document: Schema, schema: Schema) -> str:
    """The type of a value in words."""
    schema = resolve(document, schema)
    if "enum" in schema:
        return f"one of {', '.join(str(value) for value in schema['enum'])}"
    kinds = _kinds(document, schema)
    if schema.get("nullable"):  # OpenAPI 3.0
        kinds.append("null")
    if "items" in schema:
        kinds = [f"array of {type_text(document, schema['items'])}" if kind == "array" else kind for kind in kinds]
    return " or ".join(dict.fromkeys(kinds))


def _kinds(document: Schema, schema: Schema) -> list[str]:
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return [kinds]
    branches = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    kinds = kinds or [type_text(document, branch) for branch in branches]
    return list(kinds) or ["object" if "properties" in schema else "any"]


def bounds_text(schema: Schema) -> str:
    """The limits of a value and its default, in words."""
    texts = [
        _range_text(schema.get("minLength"), schema.get("maxLength"), " characters"),
        _range_text(schema.get("minItems"), schema.get("maxItems"), " items"),
        _range_text(schema.get("minimum"), schema.get("maximum"), ""),
        f"matches {schema['pattern']}" if "pattern" in schema else "",
        f"default {schema['default']}" if "default" in schema else "",
    ]
    return ", ".join(text for text in texts if text)


def _range_text(lowest: float | None, highest: float | None, unit: str) -> str:
    if lowest is not None and highest is not None:
        return f"{lowest} to {highest}{unit}"
    if lowest is not None:
        return f"at least {lowest}{unit}"
    return "" if highest is None else f"at most {highest}{unit}"


def _items(document: Schema, schema: Schema) -> tuple[Schema, str]:
    """The schema whose properties are nested in a value, and what the name of the value gets."""
    suffix = ""
    schema = resolve(document, schema)
    for _ in range(_MAX_DEPTH):
        if not isinstance(schema.get("items"), Mapping):
            break
        schema, suffix = resolve(document, schema["items"]), f"{suffix}[]"
    return schema, suffix
