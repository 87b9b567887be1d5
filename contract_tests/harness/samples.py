"""Sample values of JSON schemas: small, the same each time, and valid. Boundary requests are edits of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .operations import Operation, property_schemas, resolve
from .validation import is_valid

_URL = "https://example.com/a.mp3"
_TEXTS = ("x", _URL, "1", "2026-01-01T00:00:00Z", "2026-01-01", "a@example.com", "1.5", "")
_TASK = {"task_id": "830460928805724256", "task_status": "submitted", "created_at": 1, "updated_at": 1}
_MAX_DEPTH = 12  # schemas can be recursive


def samples(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[Any]:
    """A valid value for each branch of the schema; raises AssertionError if none can be made."""
    schema = resolve(document, schema)
    branches = schema.get("oneOf") or schema.get("anyOf") or [{}]
    for number, branch in enumerate(branches):
        value = _sample(document, _merged(document, schema, branch), 0)
        if not is_valid(document, schema, value):
            raise AssertionError(f"no valid sample could be made for branch {number}: {value!r}")
        yield value


def sample_response(operation: Operation) -> Any:
    """The body of a successful response: a task if the contract allows one, otherwise a sample of the schema."""
    schema = operation.response_schema()
    body: Any = {"code": 0, "message": "", "request_id": "r-1", "data": dict(_TASK)}
    if operation.method == "GET" and "{" not in operation.path:
        body["data"] = []
    if is_valid(operation.document, schema, body):
        return body
    body = next(samples(operation.document, schema))
    return {**body, "code": 0} if isinstance(body, dict) and "code" in body else body


def _merged(document: dict[str, Any], schema: dict[str, Any], branch: dict[str, Any]) -> dict[str, Any]:
    """The schema with one of its branches and all parts of its `allOf`."""
    merged = {key: value for key, value in schema.items() if key not in {"oneOf", "anyOf", "allOf"}}
    for part in (branch, *schema.get("allOf", ())):
        part = resolve(document, part)  # noqa: PLW2901
        required = dict.fromkeys([*merged.get("required", ()), *part.get("required", ())])
        properties = dict(merged.get("properties", {}))
        for name, member in property_schemas(part, document).items():
            properties[name] = {**resolve(document, properties.get(name, {})), **member}
        merged |= {**part, "properties": properties, "required": list(required)}
    return merged


def _sample(document: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    schema = resolve(document, schema)
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in schema:
            branch = {} if keyword == "allOf" else schema[keyword][0]
            return _sample(document, _merged(document, schema, branch), depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _sample_of_type(document, schema, depth)


def _sample_of_type(document: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            members = schema.get("properties", {}) if depth < _MAX_DEPTH else {}
            return {name: _sample(document, members.get(name, {}), depth + 1) for name in schema.get("required", ())}
        case "array":
            return [_sample(document, schema.get("items", {}), depth + 1) for _ in range(schema.get("minItems", 0))]
        case "string":
            return _text(document, schema)
        case ("integer" | "number") as kind:
            return _number(schema, 1 if kind == "integer" else 0.5)
        case kind:
            return {"boolean": True, "null": None}[kind]


def _number(schema: dict[str, Any], step: float) -> Any:
    """The lowest number that is allowed, or a multiple."""
    if "multipleOf" in schema:
        step = schema["multipleOf"]
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    if low is None:
        return min(step, schema.get("maximum", step))
    return low if "minimum" in schema else low + step


def _text(document: dict[str, Any], schema: dict[str, Any]) -> str:
    low, high = schema.get("minLength", 0), schema.get("maxLength", 10_000)
    for text in _TEXTS:
        padded = text + ("x" if not text.isdigit() else "1") * (low - len(text)) if text else text
        if low <= len(padded) <= high and is_valid(document, schema, padded):
            return padded
    return str(schema.get("example", "x" * low))
