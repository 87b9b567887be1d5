"""Build the OpenAPI document of a page in tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ...spec.refusals import refusal
from .fields import object_schema
from .rows import Row, read_rows
from .sections import METHOD, Line, PageError, Section, media_type_of, read_sections, status_of
from .types import is_required, schema_of, value_of

_JSON = "application/json"
_COLON = re.compile(r"(?<=/):(\w+)")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


def is_table_page(text: str) -> bool:
    """Whether a text is such a page: a method and a URL, each on its line, and no OpenAPI."""
    return any(section.kind == "operation" for section in read_sections(text))


def read_table_page(text: str, name: str) -> dict[str, Any]:
    """The page as an OpenAPI 3.0 document, not validated.

    Args:
        text: Of the page.
        name: Of the page, for the refusal.

    Raises:
        DocumentError: If the page describes no operation or several, or if a row has more than one reading.
    """
    try:
        return _document(read_sections(text))
    except PageError as error:
        raise refusal(name, str(error), error.line) from None


def _document(sections: list[Section]) -> dict[str, Any]:
    found = [section for section in sections if section.kind == "operation"]
    if len(found) != 1:
        line = found[1].heading.number if found else 1
        raise PageError(
            line,
            f"a page must describe exactly one operation; this page describes {len(found) or 'none'}; split the page",
        )
    method, url, description = _call(found[0])
    address = urlsplit(url)
    path = _COLON.sub(r"{\1}", address.path)
    operation: dict[str, Any] = {"summary": _title(sections, found[0]), "description": description}
    parameters = [*_parameters(sections, "header"), *_query(sections, address.query), *_path(sections, path, found[0])]
    if parameters:
        operation["parameters"] = parameters
    body = _body(sections)
    if body:
        operation["requestBody"] = body
    operation["responses"] = _responses(sections, found[0].heading)
    document: dict[str, Any] = {
        "openapi": "3.0.1",
        "info": {"title": "", "version": "1.0.0"},
        "paths": {path: {method: operation}},
        "servers": [{"url": f"{address.scheme}://{address.netloc}"}],
    }
    # Every operation of the gateways needs a key (S), even if the page does not say so.
    operation["security"] = [{"bearer": []}]
    document["components"] = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
    return document


def _call(section: Section) -> tuple[str, str, str]:
    """Method, URL and description."""
    heading = METHOD.match(section.heading.plain)
    below = [line for line in section.lines if line.text.strip()]
    url = (heading["url"] if heading else None) or (below.pop(0).text.strip() if below else "")
    text = "\n".join(line.text.strip() for line in below)
    return section.heading.plain.split("http")[0].strip().lower(), url, text


def _title(sections: Sequence[Section], operation: Section) -> str:
    before = sections[: sections.index(operation)]
    lines = [line.plain for section in before for line in (section.heading, *section.lines) if line.plain]
    return lines[-1] if lines else ""


def _tables(sections: Sequence[Section], kind: str) -> list[Section]:
    return [section for section in sections if section.kind == kind]


def _rows(sections: Sequence[Section], kind: str) -> list[Row]:
    tables = _tables(sections, kind)
    if len(tables) > 1:
        raise PageError(tables[1].heading.number, f"the page has a second table of {kind} parameters; join the tables")
    return read_rows(tables[0].lines) if tables else []


def _parameters(sections: Sequence[Section], place: str) -> list[dict[str, Any]]:
    rows = _rows(sections, place)
    names = [row.name for row in rows]
    for number, row in enumerate(rows):
        if row.name in names[:number]:
            raise PageError(row.line, f"{row.name!r} is described twice; delete one of the rows")
        if row.depth > rows[0].depth:
            raise PageError(row.line, f"{row.name!r} is indented, but {place} parameters have no fields")
    return [_parameter(row, place) for row in rows]


def _parameter(row: Row, place: str) -> dict[str, Any]:
    schema = schema_of(row.type, row.line) or {"type": "string"}
    if row.default:
        schema["default"] = value_of(row.default, schema)
    parameter: dict[str, Any] = {
        "name": row.name,
        "in": place,
        "description": row.description,
        "required": place == "path" or is_required(row.required, row.line),
        "schema": schema,
    }
    if row.example:
        parameter["example"] = value_of(row.example, schema)
    return parameter


def _query(sections: Sequence[Section], query: str) -> list[dict[str, Any]]:
    """The parameters of the table, and those that only the URL shows."""
    described = _parameters(sections, "query")
    known = {parameter["name"] for parameter in described}
    shown = [
        {
            "name": name,
            "in": "query",
            "description": "",
            "required": False,
            "schema": {"type": "string"},
            "example": value,
        }
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name not in known
    ]
    return [*described, *shown]


def _path(sections: Sequence[Section], path: str, operation: Section) -> list[dict[str, Any]]:
    described = {parameter["name"]: parameter for parameter in _parameters(sections, "path")}
    names = _PARAMETER.findall(path)
    unknown = next((name for name in described if name not in names), None)
    if unknown is not None:
        line = _tables(sections, "path")[0].heading.number
        raise PageError(line, f"the URL has no {{{unknown}}}; write the path parameter into the URL")
    missing = Row(operation.heading.number, 0, "")
    return [
        described.get(name) or {**_parameter(missing, "path"), "name": name, "schema": {"type": "string"}}
        for name in names
    ]


def _body(sections: Sequence[Section]) -> dict[str, Any] | None:
    tables = _tables(sections, "body")
    examples = [section for section in sections if section.kind == "request example"]
    rows = _rows(sections, "body")
    example = next((section for section in examples if section.lines), None)
    if not rows and (example is None or example.is_broken or not example.example):
        return None
    schema = object_schema(rows)
    if isinstance(example and example.example, list) and not rows:
        schema = {"type": "array", "items": {}}
    media: dict[str, Any] = {"schema": schema}
    if example is not None:
        media["example"] = _example(example)
    return {"content": {(tables and media_type_of(tables[0])) or _JSON: media}}


def _example(section: Section) -> Any:
    """The example; a text that is not JSON stays a text, and is dropped and listed like an example of a wrong type."""
    return "\n".join(line.text for line in section.lines) if section.is_broken else section.example


def _responses(sections: Sequence[Section], operation: Line) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    current: dict[str, Any] | None = None
    for section in sections:
        if section.kind == "status":
            status, text = status_of(section)
            if status in responses:
                raise PageError(section.heading.number, f"status {status} is described twice; delete one of them")
            current = responses[status] = {"description": text}
        elif section.kind in {"response", "response example"}:
            if current is None:
                current = responses["200"] = {"description": ""}
            _describe(current, section)
    if not responses:
        raise PageError(operation.number, "the page describes no response; add '200 Success' and a response example")
    return responses


def _describe(response: dict[str, Any], section: Section) -> None:
    """Add the fields or the example of a section to its response."""
    media = response.setdefault("content", {}).setdefault(_JSON, {"schema": {"type": "object", "properties": {}}})
    if section.kind == "response":
        media["schema"] = object_schema(read_rows(section.lines))
    elif section.lines and "example" not in media:
        media["example"] = _example(section)
        if isinstance(section.example, list):
            media["schema"] = {"type": "array", "items": {}}
