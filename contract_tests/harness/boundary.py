"""Boundary requests, derived from the keywords of the contract; what each must be answered with is computed from it.

Property-based tests find what nobody thought of, and miss what stands at an edge that they did not draw. The table
has each edge once: lengths at, below and above their bounds, each required field missing, each type wrong, each branch
of the source rule, and the variants of method, key, content type and syntax.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from openapi_schema_validator import OAS31Validator

from .contract import CONTRACT

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")
_OTHER_TYPES: tuple[Any, ...] = (None, True, 7, 1.5, [], {}, "text")


class Row(NamedTuple):
    """One request, and the statuses with which the contract allows it to be answered."""

    name: str
    operation_id: str
    method: str
    path: str
    headers: dict[str, str]
    content: bytes
    expected: frozenset[int]


def rows(contract: dict[str, Any] = CONTRACT, *, key: str = "mock-key") -> Iterator[Row]:
    """Every row of every operation."""
    for path, item in contract["paths"].items():
        declared = {method.upper() for method in item if method.upper() in METHODS}
        for method in sorted(declared):
            yield from _operation_rows(contract, path, method, item[method.lower()], declared, key)


def valid(contract: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    """What the reference validator says, which is not the one that the mock uses."""
    return bool(OAS31Validator({**schema, "components": contract["components"]}).is_valid(value))


class _Base(NamedTuple):
    """A request that is as it should be, to depart from."""

    contract: dict[str, Any]
    operation: dict[str, Any]
    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    def row(self, what: str, expected: set[int] | frozenset[int], **changes: Any) -> Row:
        """The request with some of it changed."""
        name = self.operation["operationId"]
        fields = {"method": self.method, "path": self.path, "headers": self.headers, "content": self.content, **changes}
        return Row(f"{name}: {what}", name, expected=frozenset(expected), **fields)


# A well-formed request is carried out, or refused for what it names: an id that nobody has, a preset.
_ANSWERED = frozenset({200, 400, 403})


def _operation_rows(
    contract: dict[str, Any], path: str, method: str, operation: dict[str, Any], declared: set[str], key: str
) -> Iterator[Row]:
    headers, content, examples = {"authorization": f"Bearer {key}"}, b"", []
    schema: dict[str, Any] = {}
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        examples = list(_valid_bodies(contract, schema))
        headers["content-type"], content = "application/json", json.dumps(examples[0]).encode()
    base = _Base(contract, operation, method, path.replace("{id}", "830000000000000001"), headers, content)
    yield base.row("as it should be", _ANSWERED)
    for other in METHODS:
        if other not in declared:
            yield base.row(f"method {other}", {405}, method=other)
    yield from _key_rows(base, key)
    yield from _query_rows(base)
    if examples:
        yield from _body_rows(base, schema, examples)


def _key_rows(base: _Base, key: str) -> Iterator[Row]:
    without_key = {header: value for header, value in base.headers.items() if header != "authorization"}
    yield base.row("no key", {401}, headers=without_key)
    for value in (f"Bearer {key}x", f"Bearer {key[:-1]}", f"Basic {key}", key, "Bearer", "Bearer  ", ""):
        yield base.row(f"authorization {value!r}", {401}, headers={**without_key, "authorization": value})
    yield base.row("bearer in lower case", _ANSWERED, headers={**base.headers, "authorization": f"bearer {key}"})


def _query_rows(base: _Base) -> Iterator[Row]:
    for parameter in base.operation.get("parameters", ()):
        resolved = _resolved(base.contract, parameter)
        if resolved["in"] != "query":
            continue
        for text in _edges_of_a_number(resolved["schema"]):
            ok = text.isascii() and text.isdigit() and valid(base.contract, resolved["schema"], int(text))
            query = urlencode({resolved["name"]: text})
            yield base.row(f"{resolved['name']}={text}", {200} if ok else {400}, path=f"{base.path}?{query}")
        twice = urlencode([(resolved["name"], "1"), (resolved["name"], "2")])
        yield base.row(f"{resolved['name']} twice", {400}, path=f"{base.path}?{twice}")


def _body_rows(base: _Base, schema: dict[str, Any], examples: list[dict[str, Any]]) -> Iterator[Row]:
    def typed(media_type: str) -> dict[str, str]:
        return {**base.headers, "content-type": media_type}

    for media_type in ("application/json; charset=utf-8", "APPLICATION/JSON"):
        yield base.row(f"content type {media_type}", _ANSWERED, headers=typed(media_type))
    for media_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx", ""):
        yield base.row(f"content type {media_type!r}", {415}, headers=typed(media_type))
    content = base.content
    for syntax in (b"", b"{", content[:-1], content + b"x", b"\xff", b'{"voice_name": NaN}', b"[" * 10_000):
        yield base.row(f"syntax {syntax[:20]!r}", {400}, content=syntax)
    for what, body in _bodies(schema, examples):
        expected = _ANSWERED if valid(base.contract, schema, body) else {400}
        yield base.row(what, expected, content=json.dumps(body).encode())


def _valid_bodies(contract: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A body for each branch of the schema, from its own keywords."""
    for branch in schema.get("oneOf", [schema]):
        properties = {**schema.get("properties", {}), **branch.get("properties", {})}
        required = [*schema.get("required", []), *branch.get("required", [])]
        body = {name: _sample(properties[name]) for name in dict.fromkeys(required)}
        if not valid(contract, schema, body):
            raise AssertionError(f"no valid body could be made for {branch.get('title', 'the schema')}: {body}")
        yield body


def _sample(schema: dict[str, Any]) -> str:
    text = "https://example.com/a.mp3" if "://" in schema.get("pattern", "") else "x"
    return text * max(1, schema.get("minLength", 1)) if text == "x" else text


def _bodies(schema: dict[str, Any], examples: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    wholes: tuple[Any, ...] = (None, [], "text", 7, True, {})
    for whole in wholes:
        yield f"body {whole!r}", whole
    everything = {name: value for example in examples for name, value in example.items()}
    yield "all sources at once", everything
    for number, example in enumerate(examples):
        yield f"branch {number}", example
        for name in example:
            yield f"branch {number} without {name}", {key: value for key, value in example.items() if key != name}
        for name, member in _members(schema).items():
            for value in _OTHER_TYPES:
                yield f"branch {number}, {name} {value!r}", {**example, name: value}
            for length in _lengths(member):
                yield f"branch {number}, {name} of length {length}", {**example, name: _of_length(member, length)}
        yield f"branch {number}, unknown field", {**example, "x_unknown": 1}


def _members(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each property, with the keywords that the schema and its branches give it."""
    members: dict[str, dict[str, Any]] = {name: dict(member) for name, member in schema.get("properties", {}).items()}
    for branch in schema.get("oneOf", []):
        for name, member in branch.get("properties", {}).items():
            members.setdefault(name, {}).update(member)
    return members


def _lengths(member: dict[str, Any]) -> set[int]:
    edges = {0, 1}
    for bound in ("minLength", "maxLength"):
        if bound in member:
            edges |= {member[bound] - 1, member[bound], member[bound] + 1}
    return {length for length in edges if length >= 0}


def _of_length(member: dict[str, Any], length: int) -> str:
    # An astral character is one character to JSON Schema, two to UTF-16, four to UTF-8.
    return "\U0001d4d0" * length if "pattern" not in member else ("https://example.com/" + "a" * length)[:length]


def _edges_of_a_number(schema: dict[str, Any]) -> list[str]:
    low, high = schema["minimum"], schema["maximum"]
    return [
        *(str(edge) for edge in (low - 1, low, low + 1, high - 1, high, high + 1, -1)),
        "",
        "x",
        "1.5",
        "1e2",
        "\u0661",
    ]


def _resolved(contract: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    kind, name = node["$ref"].split("/")[2:]
    component: dict[str, Any] = contract["components"][kind][name]
    return component
