"""Pages in tables, as kkiai publishes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pipeline.ingest.pages import parse_page, read_page
from pipeline.ingest.tables import is_table_page, read_table_page
from pipeline.spec import documents
from pipeline.spec.documents import DocumentError
from pipeline.spec.refusals import LONGEST

FOLDER = Path(__file__).with_name("pages")
EXPECTED = documents.load(FOLDER / "expected.yaml")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_published_page_is_its_operation(name: str) -> None:
    """Method, path, parameters, fields, types, required marks, descriptions, examples and responses."""
    page = read_page(FOLDER / f"{name}.page.md")
    (path, item), (server,) = next(iter(page.document["paths"].items())), page.document["servers"]
    (method, operation), *others = item.items()
    assert others == []
    assert {"operation": f"{method.upper()} {path}", **operation} == {**EXPECTED[name], "security": [{"bearer": []}]}
    assert server == {"url": "https://www.kkiai.com"}
    assert page.is_table
    assert page.text.encode() == page.content


def test_every_page_is_expected() -> None:
    """No page is left out, and there are at least the eight operations that gateways document so."""
    assert {path.name.removesuffix(".page.md") for path in FOLDER.glob("*.page.md")} == EXPECTED.keys()
    assert len(EXPECTED) >= 8


def test_an_example_that_is_no_json_is_dropped_and_listed() -> None:
    """JavaScript comments, as in the YAML pages of the other gateway."""
    page = read_page(FOLDER / "image2video.page.md")
    assert [(note.place.rpartition("/")[2], note.after) for note in page.normalisations] == [("example", "")]


HEAD = "Title\nPOST\nhttps://www.kkiai.com/kling/v1/x\n"
TABLE = "Body Parameters (application/json)\n| Parameter | Type | Required | Description |\n|---|---|---|---|\n"
TAIL = "Response\n🟢 200 Success\nResponse Example\njson\n{}\n"


def _fields(*rows: str) -> dict[str, Any]:
    text = HEAD + TABLE + "".join(f"{row}\n" for row in rows) + TAIL
    operation = read_table_page(text, "page.md")["paths"]["/kling/v1/x"]["post"]
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


TYPES = [
    ("string", {"type": "string"}),
    ("Integer", {"type": "integer"}),
    ("int64", {"type": "integer"}),
    ("float", {"type": "number"}),
    ("bool", {"type": "boolean"}),
    ("array", {"type": "array", "items": {}}),
    ("array[string]", {"type": "array", "items": {"type": "string"}}),
    ("array [integer]", {"type": "array", "items": {"type": "integer"}}),
    ("array<object>", {"type": "array", "items": {"type": "object"}}),
    ("array of strings", {"type": "array", "items": {"type": "string"}}),
    ("string[]", {"type": "array", "items": {"type": "string"}}),
    ("array[array[number]]", {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}),
    ("enum<string>", {"type": "string"}),
    ("string or null", {"type": "string", "nullable": True}),
    ("string(url)", {"type": "string"}),
    ("file", {"type": "string", "format": "binary"}),
    ("", {}),
]


@pytest.mark.parametrize(("cell", "schema"), TYPES)
def test_types(cell: str, schema: dict[str, Any]) -> None:
    """The words that pages use for types."""
    assert _fields(f"a | {cell} | Optional |")["properties"] == {"a": schema}


def test_types_are_not_shared() -> None:
    """Fields of one list do not appear in another."""
    schema = _fields("a | array | |", "a.b | string | |", "c | array | |")
    assert schema["properties"]["c"] == {"type": "array", "items": {}}


ROWS = [
    "a | string | Required | text",
    "| a | string | Required | text |",
    "| a | string | Required | text",
    "a | string | Required | text |",
    "a ｜ string ｜ Required ｜ text",
    "| `a` | string | ✓ | text |",
    "| **a** | STRING | Yes | text | |",
    "a|string|true|text",
]


@pytest.mark.parametrize("row", ROWS)
def test_pipes_can_be_missing(row: str) -> None:
    """At the start and the end of a line; full-width pipes are pipes, and names can be marked."""
    assert _fields(row) == {
        "type": "object",
        "properties": {"a": {"type": "string", "description": "text"}},
        "required": ["a"],
    }


TEXT_ROWS = [
    (["a | string | | one", "two"], "one\ntwo"),
    (["a | string | |", "two"], "two"),
    (["a | string | | one<br>two"], "one\ntwo"),
    (["a | string | | one", "| two, not a name | | |"], "one\ntwo, not a name"),
    (["a | string | | one\u2028two\x85three"], "one\u2028two\x85three"),
    (["Basic parameters", "a | string | | one"], "one"),
    (["a | string | | x | y"], "x | y"),
    (["a | string | | x \\| y |"], "x | y"),
    (["a | string | | Up to 200", "200 characters, at most"], "Up to 200\n200 characters, at most"),
]


@pytest.mark.parametrize(("rows", "description"), TEXT_ROWS)
def test_rows_of_text(rows: list[str], description: str) -> None:
    """A line without cells continues the description above it; pipes in the last column belong to the text."""
    assert _fields(*rows)["properties"]["a"]["description"] == description


NESTED = [
    ["a | object | |", "a.b | array[object] | |", "a.b.c | string | Required |"],
    ["a | object | |", "a.b | array | |", "a.b[].c | string | Required |"],
    ["a.b[].c | string | Required |"],
    ["| a | object | |", "|   b | array | |", "|     c | string | Required |"],
    ["| a | object | |", "| └ b | array | |", "| └└ c | string | Required |"],
    ["| a | object | |", "| » b | array[object] | |", "| »» c | string | Required |"],
    ["| a | object | |", "|   a.b | array[object] | |", "|     a.b.c | string | Required |"],
]


@pytest.mark.parametrize("rows", NESTED)
def test_nested_fields(rows: list[str]) -> None:
    """By dotted names, by indentation, by marks, and by both."""
    inner = {"type": "object", "properties": {"c": {"type": "string"}}, "required": ["c"]}
    expected = {"type": "object", "properties": {"b": {"type": "array", "items": inner}}}
    assert _fields(*rows)["properties"] == {"a": expected}


REFUSED = [
    (["a | strin | Required |"], 7, "'strin' is not a known type"),
    (["a | string | Maybe |"], 7, "'Maybe' says neither Required nor Optional"),
    (["a | string | |", "a | integer | |"], 8, "'a' is described twice"),
    (["a | string | |", "a.b | string | |"], 8, "below a field of type string"),
    (
        ["| a | object | |", "|     b | string | |", "|   c | string | |"],
        9,
        "has a different indentation than the rows above",
    ),
    (["| | string | | text |"], 7, "the row has no name"),
    (["two words | string | |"], 7, "'two words' is not a field name"),
    (["a..b | string | |"], 7, "'a..b' is not a field name"),
]


@pytest.mark.parametrize(("rows", "line", "reason"), REFUSED)
def test_rows_with_two_readings_are_refused(rows: list[str], line: int, reason: str) -> None:
    """With the line of the file, the cell, and what to do, in one short sentence."""
    with pytest.raises(DocumentError) as caught:
        _fields(*rows)
    message = str(caught.value)
    assert message.startswith(f"page.md, line {line}: ")
    assert reason in message
    assert len(message) <= LONGEST


PAGES_REFUSED = [
    (HEAD + HEAD + TAIL, 5, "this page describes 2"),
    (HEAD, 2, "the page describes no response"),
    (HEAD + TABLE + "a | string |\n" + TABLE + "b | string |\n" + TAIL, 8, "a second table of body parameters"),
    (HEAD + "Path Parameters\nid | string | Required |\n" + TAIL, 4, "the URL has no {id}"),
    (HEAD + "Query Parameters\na | string |\na | string |\n" + TAIL, 6, "described twice"),
    (HEAD + TAIL + "🟢 200 Success\n", 9, "status 200 is described twice"),
    (
        HEAD
        + "Query Parameters\n| Name | Type | Required | Description | Example |\na | string | | x | y | z | 1\n"
        + TAIL,
        6,
        "more cells than the table",
    ),
]


@pytest.mark.parametrize(("text", "line", "reason"), PAGES_REFUSED)
def test_unclear_pages_are_refused(text: str, line: int, reason: str) -> None:
    """Two operations, no response, two tables of a kind, parameters of nothing."""
    with pytest.raises(DocumentError, match=rf"^page.md, line {line}: .*{reason}"):
        read_table_page(text, "page.md")


def test_what_is_glued_to_an_example_is_a_heading() -> None:
    """As in the supplied page; braces and headings inside the JSON are data."""
    body = 'Request Example\njson\n{"a": "}Response"}cURL Example\nbash\ncurl -d \'{"a": "}\nResponse\n"}\'Response\n'
    operation = read_table_page(f"{HEAD}{body}🟢 200 Success\n", "page.md")["paths"]["/kling/v1/x"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"] == {"a": "}Response"}
    assert operation["responses"] == {"200": {"description": "Success"}}


def test_statuses_can_be_glued_to_what_is_before_them() -> None:
    """To the cURL example, and to the example of another response."""
    body = "cURL Example\nbash\ncurl -d '{}'🟢 200 Success\nResponse Example\njson\n{}🔴 400 Bad Request\n"
    responses = read_table_page(HEAD + body, "page.md")["paths"]["/kling/v1/x"]["post"]["responses"]
    assert {status: response["description"] for status, response in responses.items()} == {
        "200": "Success",
        "400": "Bad Request",
    }


def test_other_pages_are_not_taken_for_tables() -> None:
    """Prose that names a method, and YAML, are none."""
    assert not is_table_page("# Use POST\n\nPOST\n\nto create\n")
    assert not is_table_page("openapi: 3.0.1\n")
    with pytest.raises(DocumentError, match="a page must have exactly one fenced YAML block; this page has none"):
        parse_page("page.md", b"# Nothing\n")
