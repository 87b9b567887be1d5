"""Boundary requests, derived from the keywords of the contract, each with the statuses that the contract allows for it.

Property-based tests rarely generate values exactly at a bound. This table has each bound once: lengths and numbers at,
below and above their bounds, each required field missing, each type wrong, each branch of the body, and variants of
method, key, content type and syntax. A validator that the mock gateway does not use decides what is allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx
from kling_voices.mock import MockGateway

from .operations import METHODS, Operation, property_schemas, read_operations
from .samples import samples
from .validation import is_valid

UNKNOWN_ID = "999999999999999999"  # has the form of a task id, and no task has it
_OTHER_TYPES: tuple[Any, ...] = (None, True, 7, 1.5, [], {}, "text")
_WRONG_SYNTAX = (b"{", b"\xff", b'{"voice_name": NaN}', b"[" * 10_000)
_WRONG_MEDIA_TYPES = ("text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)


class Row(NamedTuple):
    """One request, and the statuses that the contract allows in response."""

    name: str
    operation: Operation
    path: str
    method: str
    headers: dict[str, str]
    content: bytes
    allowed: frozenset[int]

    @property
    def is_accepted(self) -> bool:
        """Whether the contract allows success."""
        return self.operation.success_status in self.allowed


def rows(document: dict[str, Any], *, key: str = "mock-key") -> Iterator[Row]:
    """Every row of every operation of a document."""
    operations = read_operations(document)
    for operation in operations:
        methods = {other.method for other in operations if other.path == operation.path}
        yield from _operation_rows(operation, methods, key)


def valid_request(operation: Operation, *, key: str = "mock-key") -> Row:
    """A request that the contract allows."""
    return next(_operation_rows(operation, set(METHODS), key))


def respond(gateway: MockGateway, row: Row) -> httpx.Response:
    """The response of a mock gateway to a row."""
    # Directly to the handler: an httpx client would repair some of what is wrong on purpose.
    request = httpx.Request(row.method, f"http://mock{row.path}", headers=row.headers, content=row.content)
    if row.headers.get("content-type", "") == "" and "content-type" in request.headers:
        del request.headers["content-type"]
    return gateway.handle(request)


def violation(row: Row, response: httpx.Response) -> str | None:
    """How a response differs from the contract; None if it does not."""
    if response.status_code not in row.allowed:
        return f"{row.name}: the status is {response.status_code}, allowed is {sorted(row.allowed)}"
    body = json.loads(response.read())
    described = row.operation.responses
    if str(response.status_code) not in described and "default" not in described:
        return None  # a page that describes no errors
    schema = row.operation.response_schema(response.status_code)
    return None if is_valid(row.operation.document, schema, body) else f"{row.name}: the body is {body}"


class _Base(NamedTuple):
    """A valid request; the rows are edits of it."""

    operation: Operation
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def allowed(self) -> frozenset[int]:
        """A valid request succeeds, or is rejected because of what it names: an unknown id, or a preset."""
        return frozenset({self.operation.success_status, 400, 403})

    def row(self, what: str, allowed: set[int] | frozenset[int], **edits: Any) -> Row:
        """The request with edits."""
        fields = {"method": self.operation.method, **self._asdict(), **edits}
        return Row(f"{self.operation.name}: {what}", allowed=frozenset(allowed), **fields)


def _operation_rows(operation: Operation, methods: set[str], key: str) -> Iterator[Row]:
    bodies = list(samples(operation.document, operation.body.schema)) if operation.body else []
    headers, content = {"authorization": f"Bearer {key}"}, b""
    if bodies:
        headers["content-type"], content = "application/json", json.dumps(bodies[0]).encode()
    base = _Base(operation, _valid_path(operation), headers, content)
    yield base.row("valid", base.allowed)
    for method in METHODS:
        if method not in methods:
            yield base.row(f"method {method}", {405}, method=method)
    yield from _key_rows(base, key)
    yield from _query_rows(base)
    if operation.body:
        yield from _body_rows(base, bodies)


def _valid_path(operation: Operation) -> str:
    path = operation.path
    for name in operation.parameters_in("path"):
        path = path.replace(f"{{{name}}}", UNKNOWN_ID)
    required = {
        name: next(samples(operation.document, parameter["schema"]))
        for name, parameter in operation.parameters_in("query").items()
        if parameter.get("required")
    }
    return f"{path}?{_query(required)}" if required else path


def _query(values: dict[str, Any]) -> str:
    return urlencode({name: json.dumps(value) if isinstance(value, bool) else value for name, value in values.items()})


def _key_rows(base: _Base, key: str) -> Iterator[Row]:
    without_key = {header: value for header, value in base.headers.items() if header != "authorization"}
    yield base.row("no key", {401}, headers=without_key)
    for value in (f"Bearer {key}x", f"Bearer {key[:-1]}", f"Basic {key}", key, "Bearer", "Bearer  ", ""):
        yield base.row(f"authorization {value!r}", {401}, headers={**without_key, "authorization": value})
    yield base.row("bearer in lower case", base.allowed, headers={**base.headers, "authorization": f"bearer {key}"})


def _query_rows(base: _Base) -> Iterator[Row]:
    for name, parameter in base.operation.parameters_in("query").items():
        path, _, query = base.path.partition("?")
        others = "&".join(part for part in query.split("&") if part and not part.startswith(f"{quote(name)}="))
        if parameter.get("required"):
            yield base.row(f"{name} missing", {400}, path=f"{path}?{others}")
        for text in _texts(parameter["schema"]):
            allowed = base.allowed if _is_valid_text(base.operation, parameter["schema"], text) else {400}
            yield base.row(f"{name}={text}", allowed, path=f"{path}?{others}&{urlencode({name: text})}")
        if parameter["schema"].get("type") == "integer":
            twice = urlencode([(name, "1"), (name, "2")])
            yield base.row(f"{name} twice", {400}, path=f"{path}?{others}&{twice}")


def _texts(schema: dict[str, Any]) -> list[str]:
    """Values of a query parameter at its bounds, and of other types."""
    match schema.get("type"):
        case "integer":
            bounds = [schema[bound] for bound in ("minimum", "maximum") if bound in schema] or [1]
            numbers = {bound + step for bound in bounds for step in (-1, 0, 1)} | {-1}
            return [*map(str, sorted(numbers)), "", "x", "1.5", "1e2", "\u0661"]
        case "boolean":
            return ["true", "false", "", "x"]
        case _:
            return [*map(str, schema.get("enum", ["x"])), *(["not-in-the-enum"] if "enum" in schema else [])]


def _is_valid_text(operation: Operation, schema: dict[str, Any], text: str) -> bool:
    value: Any = text
    if schema.get("type") == "integer":
        value = int(text) if _INTEGER.fullmatch(text) else text
    elif schema.get("type") == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    return is_valid(operation.document, schema, value)


def _body_rows(base: _Base, bodies: list[Any]) -> Iterator[Row]:
    assert base.operation.body is not None
    for media_type in ("application/json; charset=utf-8", "APPLICATION/JSON"):
        headers = {**base.headers, "content-type": media_type}
        yield base.row(f"content type {media_type}", base.allowed, headers=headers)
    for media_type in (*_WRONG_MEDIA_TYPES, ""):
        headers = {**base.headers, "content-type": media_type}
        yield base.row(f"content type {media_type!r}", {415}, headers=headers)
    for syntax in _WRONG_SYNTAX:
        yield base.row(f"syntax {syntax[:20]!r}", {400}, content=syntax)
    yield base.row("body without its last byte", {400}, content=base.content[:-1])
    yield base.row("body with a byte too many", {400}, content=base.content + b"x")
    yield base.row("empty body", {400} if base.operation.body.is_required else base.allowed, content=b"")
    if not base.operation.body.is_required:
        headers = {name: value for name, value in base.headers.items() if name != "content-type"}
        yield base.row("no body", base.allowed, content=b"", headers=headers)
    for what, body in _edited_bodies(base.operation, base.operation.body.schema, bodies):
        allowed = base.allowed if is_valid(base.operation.document, base.operation.body.schema, body) else {400}
        yield base.row(what, allowed, content=json.dumps(body).encode())


def _edited_bodies(operation: Operation, schema: dict[str, Any], bodies: list[Any]) -> Iterator[tuple[str, Any]]:
    wholes: tuple[Any, ...] = (None, [], "text", 7, True, {})
    for whole in wholes:
        yield f"body {whole!r}", whole
    objects = [body for body in bodies if isinstance(body, dict)]
    if len(objects) > 1:
        yield "all branches at once", {name: value for body in objects for name, value in body.items()}
    properties = property_schemas(schema, operation.document)
    for number, body in enumerate(objects):
        yield f"branch {number}", body
        for name in body:
            yield f"branch {number} without {name}", {key: value for key, value in body.items() if key != name}
        for name, member in properties.items():
            for shown, value in {_shown(value): value for value in (*_OTHER_TYPES, *_bounds(member))}.items():
                yield f"branch {number}, {name} {shown}", {**body, name: value}
        yield f"branch {number}, unknown field", {**body, "x_unknown": 1}


def _shown(value: Any) -> str:
    return f"of length {len(value)}" if isinstance(value, str) and len(value) > 4 else repr(value)


def _bounds(member: dict[str, Any]) -> Iterator[Any]:
    """Values at, below and above the bounds of a property, and all values of its enum."""
    yield from member.get("enum", ())
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(member.get(bound), (int, float)):
            yield from (member[bound] - 1, member[bound], member[bound] + 1)
    if member.get("type") == "string" and "enum" not in member:
        lengths = {0, 1} | {
            member[bound] + step for bound in ("minLength", "maxLength") if bound in member for step in (-1, 0, 1)
        }
        for length in sorted(length for length in lengths if length >= 0):
            yield _text_of_length(member, length)


def _text_of_length(member: dict[str, Any], length: int) -> str:
    # This character is one to JSON Schema, two in UTF-16, four in UTF-8.
    return "\U0001d4d0" * length if "pattern" not in member else ("https://example.com/" + "a" * length)[:length]
