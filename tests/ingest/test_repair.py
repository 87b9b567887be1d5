"""Repairing YAML whose plain scalars should have been quoted."""

from __future__ import annotations

import re

import pytest
from pipeline.ingest.repair import Repair, repair
from pipeline.spec import documents
from pipeline.spec.documents import Document, DocumentError
from pipeline.spec.refusals import LONGEST

HEAD = "paths:\n  /x:\n    get:\n"
INDENT = 6
FENCE = 10  # the line of the file on which the YAML begins


def _page(lines: str) -> str:
    return HEAD + "".join(f"{' ' * INDENT}{line}\n" for line in lines.split("\n"))


def _read(lines: str) -> tuple[Document, tuple[Repair, ...]]:
    repaired = repair(_page(lines), "page.md", FENCE)
    return documents.parse(repaired.text, "page.md")["paths"]["/x"]["get"], repaired.repairs


TEXTS = [
    "Model name Enumeration value: x",
    "Value range: [0, 2]",
    "[0, 2]",
    "[a] or b",
    "{x}",
    "{{YOUR_API_KEY}}",
    "{{YOUR_API_KEY}} of the gateway",
    "Options:",
    '"on" or "off"',
    "'on' and 'off'",
    '"on": the default',
    'Set "sound": "on"',
    'it\'s "x": y',
    r"C:\voices: the folder",
    "@mention",
    "`sound` is on",
    "%d seconds",
    "*bold* text",
    "*bold",
    "&anchor of nothing",
    "!important",
    "!important note",
    "- item",
    "-",
    "? maybe",
    ", then",
    "] closed",
    "} closed",
    "> 5 seconds",
    "| a pipe",
    "true",
    "null",
    "~",
    "12",
    "1.0",
    "2026-01-31",
    "2026-02-31",
    "=",
    "<<",
    "a: b: c",
    "tab\there",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("key", ["description", "summary"])
def test_a_text_is_what_the_line_says(key: str, text: str) -> None:
    """Where OpenAPI allows only a string, the line is the string, and the repair is listed with the file's line."""
    found, repairs = _read(f"{key}: {text}\ndeprecated: false")
    assert found == {key: text, "deprecated": False}
    assert [(each.line, each.before.strip()) for each in repairs] == [(13, f"{key}: {text}")]
    assert documents.parse(repairs[0].after.strip(), "line") == {key: text}


KEPT = [
    ("description: Model name", "Model name"),
    ('description: "a: b"', "a: b"),
    ("description: 'a: b'  # a comment behind a quoted text", "a: b"),
    ('description: "over\n  two: lines"', "over two: lines"),
    ('description: |-\n  a: b: c\n  # no comment\n\n  "open', 'a: b: c\n# no comment\n\n"open'),
    ("description: >2-\n    folded: a\n    b", "  folded: a\n  b"),
    ("description: Full-width：yes，and#no comment", "Full-width：yes，and#no comment"),
    ('description: a "b" c', 'a "b" c'),
    ("description: plain\n  over lines", "plain over lines"),
    ("description:\n  on the next line", "on the next line"),
    ("description: !!str 5", "5"),
    ("description: https://example.com/a:b", "https://example.com/a:b"),
]


@pytest.mark.parametrize(("lines", "text"), KEPT)
def test_what_is_valid_is_not_touched(lines: str, text: str) -> None:
    """Quoted scalars, block scalars and plain texts that YAML reads as they are."""
    found, repairs = _read(f"{lines}\ndeprecated: false")
    assert (found, repairs) == ({"description": text, "deprecated": False}, ())


DATA = [
    ("example: 5", 5, False),
    ("example: [0, 2]", [0, 2], False),
    ('example: {"a": {"b": [1]}}', {"a": {"b": [1]}}, False),
    ('example: {\n  "a": "b: {c"\n}', {"a": "b: {c"}, False),
    ("example: a: b", "a: b", True),
    ("example: a:", "a:", True),
    ("example: @a", "@a", True),
    ("example: {{YOUR_API_KEY}}", "{{YOUR_API_KEY}}", True),
    ("example: ! a", "! a", True),
    ("example: &a b", "&a b", True),
    ("example: null", None, False),
    ("example: Bearer {{YOUR_API_KEY}}", "Bearer {{YOUR_API_KEY}}", False),
    ("example:\n  summary: Reply: long", {"summary": "Reply: long"}, True),
    ("x-note: Reply: long", "Reply: long", True),
    ("default: on", "on", False),
]


@pytest.mark.parametrize(("lines", "value", "is_repaired"), DATA)
def test_data_is_what_yaml_reads(lines: str, value: object, *, is_repaired: bool) -> None:
    """A value of any type is only a text where YAML cannot read it."""
    found, repairs = _read(lines)
    assert list(found.values()) == [value]
    assert bool(repairs) == is_repaired


WORDS = ("true", "null", "on", "no", "1.0", "1")
OTHERS = [
    ("tags:\n  - Kling: x\n  - A / B", {"tags": ["Kling: x", "A / B"]}),
    ("tags:\n- - x", {"tags": ["- x"]}),
    ("required:\n  - y\n  - on\n  - a: b", {"required": ["y", "on", "a: b"]}),
    ("type: null", {"type": "null"}),
    ("type: null # unknown", {"type": "null"}),
    ("type: [string, 'null']", {"type": ["string", "null"]}),
    ("tags: [a] # a comment", {"tags": ["a"]}),
    ("type: object # a comment", {"type": "object"}),
    ("required: true # a comment", {"required": True}),
    ("enum: # a comment\n- a\n- b", {"enum": ["a", "b"]}),
    ("schema: # a comment\n  type: string", {"schema": {"type": "string"}}),
    ("$ref: #/components/schemas/Task", {"$ref": "#/components/schemas/Task"}),
    ("responses:\n  200:\n    */*: {}", {"responses": {"200": {"*/*": {}}}}),
    ("*/*: {}\n@id: a: b", {"*/*": {}, "@id": "a: b"}),
    ("description: a\n  *: b", {"description": "a *: b"}),
    ("properties:\n  y:\n    a: 1\n  n:\n    a: 1", {"properties": {"y": {"a": 1}, "n": {"a": 1}}}),
    ("true: {}\nnull: {}\non: {}\nno: {}\n1.0: {}\n1: {}", {key: {} for key in WORDS}),
    ("properties:\n  description:\n    description: A: b", {"properties": {"description": {"description": "A: b"}}}),
    ("properties:\n  example:\n    description: A: b", {"properties": {"example": {"description": "A: b"}}}),
    ("description:\nsummary: x", {"description": "", "summary": "x"}),
    ("parameters:\n  - name: 12\n    summary: A: b", {"parameters": [{"name": "12", "summary": "A: b"}]}),
    ("version: 1.0", {"version": "1.0"}),
    ("description: Model name\n  Enumeration value: x", {"description": "Model name Enumeration value: x"}),
    ("description: a: 1\n\n  b", {"description": "a: 1\nb"}),
]


@pytest.mark.parametrize(("lines", "value"), OTHERS)
def test_position_decides(lines: str, value: Document) -> None:
    """Items that can only be strings, keywords with comments, keys that YAML 1.1 takes for booleans, and references."""
    assert _read(lines)[0] == value


REFUSED = [
    ("description: Use tag #1", 13, "' #' cuts the text"),
    ("description: # Heading", 13, "' #' cuts the text"),
    ("description: first\n  second #2", 14, "' #' cuts the text"),
    ("example: [0, 2] #1", 13, "' #' cuts the text"),
    ("example: a #b", 13, "' #' cuts the text"),
    ('description: "He said "hi" to me"', 13, "quotation marks do not pair"),
    ('description: "open', 13, "quotation marks do not pair"),
    ("description: 'tis open", 13, "quotation marks do not pair"),
    ("enum:\n  - Kling: x", 14, "can be a mapping or a text"),
    ("enum:\n  - - x", 14, "can be a mapping or a text"),
    ("example: [a] b", 13, "brackets are not closed"),
    ('example: {"a": 1', 13, "brackets are not closed"),
    ("description: Options:\n  - a\n  - b", 13, "can be a text of several lines"),
    ("description: Note\n  schema:\n    type: string", 14, "can be a text of several lines"),
    ("type: object\n  properties:\n    a: {}", 14, "continues 'type'"),
    ("example: a\n  b: c", 14, "continues 'example'"),
    ("description: |", 13, "a block that has no lines"),
    ("tags:\n  - >-", 14, "a block that has no lines"),
    ("\tdescription: a", 13, "a tab indents the line"),
    ("description:\ta", 13, "a tab follows 'description'"),
    ("summary: &x a\ndescription: *x", 13, "can be an anchor or a text"),
    ("description: a: b\u2028c", 13, "invisible line separator"),
]


@pytest.mark.parametrize(("lines", "line", "reason"), REFUSED)
def test_two_readings_are_refused(lines: str, line: int, reason: str) -> None:
    """The sentence names the line of the file and the reason, says what to do, and is short."""
    with pytest.raises(DocumentError) as caught:
        _read(lines)
    message = str(caught.value)
    assert message.startswith(f"page.md, line {line}: ")
    assert reason in message
    assert len(message) <= LONGEST


ADVICE = ["description: Use tag #1", "description: # Heading", "enum:\n  - Kling: x", 'summary: Say "a" #1']


@pytest.mark.parametrize("lines", ADVICE)
def test_the_suggested_text_can_be_read(lines: str) -> None:
    """The suggested correction has the text of the page as its value."""
    with pytest.raises(DocumentError) as caught:
        _read(lines)
    suggested = re.search(r"write (\"[^\"]*\"|'.*')", str(caught.value))
    assert suggested
    head, _, text = lines.rpartition(": " if "enum" not in lines else "- ")
    mended, repairs = _read(f"{head}{': ' if 'enum' not in lines else '- '}{suggested[1]}")
    assert repairs == ()
    assert text in (next(iter(mended.values())), *mended.get("enum", []))


def test_windows_line_endings_stay() -> None:
    """Only the scalar changes."""
    text = _page("description: a: b\nsummary: c").replace("\n", "\r\n")
    repaired = repair(text, "page.md")
    assert repaired.text == text.replace("a: b", '"a: b"')
    assert [each.line for each in repaired.repairs] == [4]


def test_a_document_in_brackets_is_not_touched() -> None:
    """JSON, which is YAML too."""
    text = '{"openapi": "3.0.1",\n "info": {"title": "a: b"}}\n'
    assert repair(text, "page.md").text == text
