"""What gateways publish beside plain OpenAPI 3.0, and how it is read."""

from __future__ import annotations

from typing import Any

import pytest
from pipeline.ingest.normalise import normalise
from pipeline.ingest.pages import Page, parse_page
from pipeline.ingest.rules import Normalisation, apply_rules
from pipeline.ingest.rules.servers import CHAINHUB, KKIAI
from pipeline.spec.documents import DocumentError
from pipeline.spec.refusals import LONGEST

PATH = "/kling/v1/videos/text2video"
PAGE = """# Text to video

## OpenAPI Specification

```yaml
openapi: 3.0.1
info:
  title: ""
  version: 1.0.0
paths:
  /kling/v1/videos/text2video:
    post:
      summary: Text to video
      parameters:
        - name: Authorization
          in: header
          required: true
          example: Bearer {{YOUR_API_KEY}}
          schema:
            type: string
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                seed:
                  type: string
              required:
                - seed
      responses:
        "200":
          description: ""
servers:
  - url: https://api.chainhub.tech
```
"""


def _page(*edits: tuple[str, str]) -> Page:
    text = PAGE
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse_page("page.md", text.encode())


def _line(part: str) -> int:
    """The line of the page that contains a text, counted from 1."""
    return next(number for number, line in enumerate(PAGE.splitlines(keepends=True), 1) if part in line)


def _operation(page: Page, method: str = "post") -> dict[str, Any]:
    operation: dict[str, Any] = page.document["paths"][PATH][method]
    return operation


def _media(page: Page) -> dict[str, Any]:
    media: dict[str, Any] = _operation(page)["requestBody"]["content"]["application/json"]
    return media


def _schema_of_seed(page: Page) -> Any:
    return _media(page)["schema"]["properties"]["seed"]


def test_a_plain_page_is_read_word_for_word() -> None:
    """No rule applies, and nothing is listed."""
    assert _page().notes == ()


SEED = "                seed:\n                  type: string\n"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("type: 'null'", {"nullable": True}),
        ("type: null", {"nullable": True}),
        ("type: [string, 'null']", {"type": "string", "nullable": True}),
        (
            "type: [string, integer, 'null']",
            {"allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}], "nullable": True},
        ),
        ("oneOf: [{type: string, maxLength: 5}, {type: 'null'}]", {"type": "string", "maxLength": 5, "nullable": True}),
        (
            "anyOf: [{type: string}, {type: integer}, {type: 'null'}]",
            {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
        ),
        ("items: {type: 'null'}\ntype: array", {"type": "array", "items": {"nullable": True}}),
    ],
)
def test_null_becomes_nullable(schema: str, expected: dict[str, Any]) -> None:
    """As a type, in a list of types, and as an alternative; each use is listed with the line of the file."""
    lines = "".join(f"                  {line}\n" for line in schema.split("\n"))
    page = _page((SEED, f"                seed:\n{lines}"))
    assert _schema_of_seed(page) == expected
    lines_of_seed = range(_line("seed:") + 1, _line("seed:") + 3)
    assert [note.line in lines_of_seed for note in page.normalisations] == [True]


def test_a_reference_or_null() -> None:
    """A reference cannot have keywords beside it in 3.0."""
    page = _page(
        (SEED, "                seed:\n                  oneOf: [{$ref: '#/components/schemas/S'}, {type: 'null'}]\n"),
        ("servers:\n", "components:\n  schemas:\n    S: {type: string}\nservers:\n"),
    )
    assert _schema_of_seed(page) == {"allOf": [{"$ref": "#/components/schemas/S"}], "nullable": True}


def test_a_property_named_type_is_no_type() -> None:
    """Names and data are left alone."""
    page = _page((SEED, "                type:\n                  type: string\n                  default: 'null'\n"))
    assert page.notes != ("",)
    assert _media(page)["schema"]["properties"] == {"type": {"type": "string", "default": "null"}}


BODY = "          application/json:\n"


@pytest.mark.parametrize(
    "example",
    [
        '|-\n              {\n                // the model\n                "seed": "1"\n              }',
        "'a text'",
        "[1]",
        "5",
    ],
)
def test_an_example_of_another_kind_is_dropped(example: str) -> None:
    """A text of JavaScript comments is no example of an object; the report says that it is gone."""
    page = _page((BODY, f"{BODY}            example: {example}\n"))
    assert "example" not in _media(page)
    assert [(note.line, note.after) for note in page.normalisations] == [(_line("application/json:") + 1, "")]


def test_named_examples_are_dropped_one_by_one() -> None:
    """The others stay."""
    page = _page((BODY, f"{BODY}            examples: {{good: {{value: {{seed: '1'}}}}, bad: {{value: text}}}}\n"))
    assert _media(page)["examples"] == {"good": {"value": {"seed": "1"}}}


def test_a_number_for_a_string_is_read_as_it_is_written() -> None:
    """Leading zeros and large ids stay; at a field, in an example of a body, and in a parameter."""
    page = _page(
        (SEED, f"{SEED}                  example: 007\n"),
        (BODY, f"{BODY}            example: {{seed: 830460928805724256}}\n"),
        ("example: Bearer {{YOUR_API_KEY}}", "example: 1.50"),
    )
    assert _schema_of_seed(page)["example"] == "007"
    assert _media(page)["example"] == {"seed": "830460928805724256"}
    assert _operation(page)["parameters"][0]["example"] == "1.50"
    assert len(page.normalisations) == 3


EMPTY_BODY = (
    "      requestBody:\n        content:\n          application/json:\n            schema:\n              {}\n"
)
GET = [
    ("    post:\n", "    get:\n"),
    (PAGE[PAGE.index("      requestBody:") : PAGE.index("      responses:")], EMPTY_BODY),
]


@pytest.mark.parametrize(
    "schema", ["type: object", "type: object\n              properties: {}\n              x-orders: []"]
)
def test_an_empty_body_of_a_get_is_none(schema: str) -> None:
    """The page's tool writes one for each operation."""
    page = _page(GET[0], (GET[1][0], EMPTY_BODY.replace("{}", schema, 1)))
    assert "requestBody" not in _operation(page, "get")
    assert [note.line for note in page.normalisations] == [_line("requestBody:")]


def test_a_body_with_fields_stays() -> None:
    """A GET that describes fields in its body means them; the contract has none, because HTTP gives it no meaning."""
    page = _page(GET[0])
    assert "requestBody" in _operation(page, "get")
    (item,) = normalise(page.document)["paths"].values()
    assert "requestBody" not in item["get"]


SECURITY = "servers:\n  - url: https://api.chainhub.tech\n"


def test_empty_security_is_the_declared_key() -> None:
    """A key is declared by a scheme or by an Authorization header; without both, nothing is reported."""
    scheme = "components:\n  securitySchemes:\n    key: {type: http, scheme: bearer}\n"
    with_scheme = _page((SECURITY, f"{scheme}security: []\n{SECURITY}"))
    assert with_scheme.document["security"] == [{"key": []}]
    with_header = _page(("      responses:\n", "      security: []\n      responses:\n"))
    assert _operation(with_header)["security"] == [{"bearer": []}]
    assert with_header.document["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    alone = _page((SECURITY, f"security: []\n{SECURITY}"))
    assert "security" not in alone.document


@pytest.mark.parametrize(
    ("url", "expected", "prefix"),
    [
        ("api.chainhub.tech", CHAINHUB, ""),
        ("www.kkiai.com", KKIAI, ""),
        ("//www.kkiai.com", KKIAI, ""),
        ("api.chainhub.tech/kling", CHAINHUB, "/kling"),
        ("http://api.chainhub.tech", CHAINHUB, ""),
        ("http://localhost:3000", CHAINHUB, ""),
        ("http://127.0.0.1:4523/m1/1", CHAINHUB, ""),
        ("https://192.168.0.7", CHAINHUB, ""),
        ("https://[::1]:8443", CHAINHUB, ""),
        ("http://gateway", CHAINHUB, ""),
        ("https://{host}", CHAINHUB, ""),
        ("{{base_url}}", CHAINHUB, ""),
        ("https://{env}.kkiai.com", KKIAI, ""),
        ("sister.example", CHAINHUB, ""),
    ],
)
def test_an_unusable_server_is_the_gateways_url(url: str, expected: str, prefix: str) -> None:
    """Without scheme, with variables, local or unencrypted; the report says which URL is used instead."""
    page = _page(("  - url: https://api.chainhub.tech", f"  - url: '{url}'"))
    assert page.document["servers"] == [{"url": expected}]
    assert list(page.document["paths"]) == [prefix + PATH]
    assert [(note.line, note.place) for note in page.normalisations] == [(_line("url: "), "servers/0/url")]


@pytest.mark.parametrize("url", ["https://api.sister.example", "https://api2.chainhub.tech", "http://8.8.8.8"])
def test_a_usable_server_stays(url: str) -> None:
    """The page of another gateway is read in the same way."""
    page = _page(("  - url: https://api.chainhub.tech", f"  - url: {url}"))
    assert page.document["servers"] == [{"url": url}]
    assert page.notes == ()


def test_variables_with_defaults_are_filled_in() -> None:
    """The default says which gateway is meant."""
    servers = "  - url: https://{host}/kling\n    variables: {host: {default: www.kkiai.com}}"
    page = _page(("  - url: https://api.chainhub.tech", servers))
    assert page.document["servers"] == [{"url": KKIAI}]
    assert list(page.document["paths"]) == [f"/kling{PATH}"]


def test_a_local_server_beside_a_real_one_is_left_out() -> None:
    """The page's own URL counts more than a known one."""
    page = _page(("  - url: https://api", "  - url: http://localhost:8080\n  - url: https://api"))
    assert page.document["servers"] == [{"url": CHAINHUB}]
    assert len(page.normalisations) == 1


def test_the_note_says_what_is_read() -> None:
    """One line with the line of the file, the place, both values and the reason."""
    note = Normalisation("servers/0/url", '"a"', "", "no URL", 7)
    assert str(note) == 'line 7, servers/0/url: "a" → dropped (no URL)'


def test_a_document_that_is_no_openapi_is_left_to_the_validation() -> None:
    """No rule fails on a document of another form."""
    for document in (
        {},
        {"openapi": "3.0.1", "paths": []},
        {"openapi": "3.0.1", "paths": {"/x": {"get": {"requestBody": 1}}}},
    ):
        assert apply_rules(document) == (document, ())


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("in: header", "in: head", "in: header", "'head' is not one of path, query, header, cookie"),
        ("      summary: Text to video", "      deprecated: maybe", "summary:", "'maybe' is not of type boolean"),
        ('          description: ""\n', "          summary: x\n", '"200"', "'description' is missing"),
        ("required: true", "obligatory: true", "- name: Auth", "OpenAPI 3.0 does not allow 'obligatory' here"),
        ("type: object", "typ: object", "            schema:\n", "OpenAPI 3.0 does not allow 'typ' here"),
        ("type: object", "type: objekt", "type: object", "'objekt' is not one of array, boolean, integer"),
        ("openapi: 3.0.1", 'openapi: "2.0"', None, "only OpenAPI 3.0 is supported"),
    ],
)
def test_a_refusal_names_the_cause_and_the_line_of_the_file(old: str, new: str, line: str | None, reason: str) -> None:
    """One sentence of at most 200 characters, with what the command line adds."""
    with pytest.raises(DocumentError) as caught:
        _page((old, new))
    message = str(caught.value)
    assert reason in message
    assert message.startswith("page.md: " if line is None else f"page.md, line {_line(line)}: ")
    assert len(message) <= LONGEST
    assert "\n" not in message


def test_stored_pages_are_read_in_the_same_way_each_time() -> None:
    """Reading is a function of the bytes alone."""
    edits = (
        ("summary: Text to video", "summary: Reply: long"),
        ("type: string\n      requestBody", "type: 'null'\n      requestBody"),
    )
    first, second = _page(*edits), _page(*edits)
    assert first == second
    assert first.content.decode() == PAGE.replace(*edits[0]).replace(*edits[1])
    assert "summary: Reply: long" in first.text
