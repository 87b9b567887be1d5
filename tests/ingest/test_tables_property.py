"""Random operations, rendered as pages in tables and read again."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.ingest.tables import read_table_page

from tests.support.hypothesis_profiles import amount

NAMES = st.from_regex(r"[a-z][a-z_]{1,8}", fullmatch=True)
TYPES = ("string", "integer", "number", "boolean")
WORDS = ["Range:", "[0, 2]", "（pro）", "https://a.example/b?c=d", "it's", "Enum:", "std", "200", "{x}", "# 1"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(lambda words: f"Text {' '.join(words)}")
DESCRIPTIONS = st.one_of(st.just(""), TEXTS, st.tuples(TEXTS, TEXTS).map("\n".join))
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["}Response", "cURL Example"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=4)


@st.composite
def schemas(draw: st.DrawFn, depth: int = 0) -> dict[str, Any]:
    """An object's schema, as tables can express it."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    properties: dict[str, Any] = {}
    required = []
    for name in names:
        kinds = [*TYPES, "array of strings", *(["object", "array of objects"] if depth < 2 else [])]
        kind = draw(st.sampled_from(kinds))
        if kind == "array of strings":
            schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
        elif kind == "array of objects":
            schema = {"type": "array", "items": draw(schemas(depth + 1))}
        else:
            schema = draw(schemas(depth + 1)) if kind == "object" else {"type": kind}
        description = draw(DESCRIPTIONS)
        if description:
            schema["description"] = description
        properties[name] = schema
        if draw(st.booleans()):
            required.append(name)
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


class _Page:
    """Writes an operation with the inconsistencies of published pages."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._style = draw(st.sampled_from(["dotted", "indented", "marked"]))

    def rows(self, schema: dict[str, Any], around: str = "", depth: int = 0) -> list[str]:
        lines = []
        for name, field in schema["properties"].items():
            lines += self._row(name, field, around, depth, is_required=name in schema.get("required", []))
            inner = field.get("items", field)
            if "properties" in inner:
                lines += self.rows(inner, f"{around}{name}.", depth + 1)
        return lines

    def _row(self, name: str, field: dict[str, Any], around: str, depth: int, *, is_required: bool) -> list[str]:
        kind = field["type"] if field["type"] != "array" else f"array[{field['items']['type']}]"
        required = "Required" if is_required else self._draw(st.sampled_from(["Optional", "No"]))
        first, _, rest = field.get("description", "").partition("\n")
        shown = {"dotted": f"{around}{name}", "indented": "  " * depth + name, "marked": "»" * depth + name}[
            self._style
        ]
        line = " | ".join((shown, kind, required, first))
        if self._style == "indented" or self._draw(st.booleans()):
            line = f"| {line}"
        if self._draw(st.booleans()):
            line = f"{line.rstrip()} |" if not first else f"{line} |"
        return [line, *([rest] if rest else [])]

    def example(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, indent=self._draw(st.sampled_from([None, 0, 2])))


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """The text of a page, its path, and the operation that it describes."""
    method = draw(st.sampled_from(["post", "put", "get"]))
    identifier = draw(st.booleans())
    path = "/kling/v1/" + draw(NAMES) + ("/{id}" if identifier else "")
    body = draw(schemas()) if method != "get" else None
    request, answer = draw(OBJECTS), draw(OBJECTS)
    statuses = draw(st.lists(st.sampled_from(["400 Bad Request", "401 Unauthorized", "500 Server Error"]), unique=True))
    page = _Page(draw)
    lines = ["Theme", "A title", method.upper(), f"https://www.kkiai.com{path}", "Request Parameters"]
    lines += ["Authorization", "Its value is the Token concatenated after Bearer."]
    operation: dict[str, Any] = {"summary": "A title", "description": ""}
    parameters = []
    if draw(st.booleans()):
        lines += [
            "Query Parameters",
            "| Parameter | Type | Required | Description | Example |",
            "|---|---|---|---|---|",
        ]
        lines += ["pageNum | integer | Optional | Page number | 1"]
        parameters += [_parameter("pageNum", "query", "integer", "Page number", example=1)]
    if identifier:
        lines += ["Path Parameters", "| Parameter | Type | Required | Description | Example |", "|---|---|---|---|---|"]
        lines += ["id | string | Required | |"]
        parameters += [_parameter("id", "path", "string", "")]
    if parameters:
        operation["parameters"] = parameters
    curl = f"cURL Example\nbash\ncurl --request {method.upper()} 'https://www.kkiai.com{path}'"
    if body is not None:
        lines += [
            "Body Parameters (application/json)",
            "| Parameter | Type | Required | Description |",
            "|---|---|---|---|",
        ]
        lines += page.rows(body)
        lines += [
            "Request Example",
            "json",
            page.example(request) + curl + " \\",
            "--data-raw '{",
            '"a": "Response"',
            "}'Response",
        ]
        operation["requestBody"] = {"content": {"application/json": {"schema": body, "example": request}}}
    else:
        lines += [*curl.split("\n"), "Response"]
    lines += ["🟢 200 Success", "Response Example", "json", page.example(answer)]
    media = {"schema": {"type": "object", "properties": {}}, "example": answer}
    responses: dict[str, Any] = {"200": {"description": "Success", "content": {"application/json": media}}}
    for status in statuses:
        lines += [f"🔴 {status}"]
        responses[status[:3]] = {"description": status[4:]}
    operation["responses"] = responses
    operation["security"] = [{"bearer": []}]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines), path, {method: operation}


def _parameter(name: str, place: str, kind: str, description: str, **others: Any) -> dict[str, Any]:
    required = place == "path"
    return {
        "name": name,
        "in": place,
        "description": description,
        "required": required,
        "schema": {"type": kind},
        **others,
    }


@settings(max_examples=amount(80, 1_000))
@given(pages())
def test_a_rendered_operation_is_read_as_it_was(page: tuple[str, str, dict[str, Any]]) -> None:
    """Property: parsing the page of an operation gives the same operation, however its pipes and headings are set."""
    text, path, item = page
    document = read_table_page(text, "page.md")
    assert document["paths"] == {path: item}
