"""The mock serves every operation of a contract, and each reply is valid for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from kling_voices import InvalidInputError
from kling_voices._protocol.task_pattern import find_task_operations
from kling_voices.mock import MockGateway, VirtualClock
from kling_voices.mock._messages import Request

from tests.mock.conformance import BOUNDARY, is_described, valid_request
from tests.mock.contracts import CONTRACTS, document, enveloped, json_body, response
from tests.mock.requests import JSON, KEY, ask, send

PLAIN = CONTRACTS["plain operations"]


def _operations() -> Iterator[Any]:
    for name, contract in CONTRACTS.items():
        for path, item in contract["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    yield pytest.param(contract, path, method, operation, id=f"{name}: {operation['operationId']}")


@pytest.mark.parametrize("dialect", ["kling", "documented"])
@pytest.mark.parametrize(("contract", "path", "method", "operation"), list(_operations()))
def test_every_reply_is_valid(
    contract: dict[str, Any], path: str, method: str, operation: dict[str, Any], dialect: Any
) -> None:
    """A valid request, one without a key, and one with a broken body get replies that the contract describes."""
    gateway = MockGateway(dialect=dialect, contract=contract, clock=VirtualClock(), creation_seconds=0)
    request = valid_request(contract, path, method, operation, contract["paths"][path])
    valid = gateway.reply(request)
    replies = [
        valid,
        gateway.reply(request._replace(headers=[pair for pair in request.headers if pair != KEY])),
        gateway.reply(request._replace(body=b"{", headers=[KEY, JSON])),
        gateway.reply(request._replace(method="TRACE")),
    ]
    needs_a_task = {"delete_custom_voice", *(kind.query for kind in find_task_operations(contract).values())}
    assert valid.status in ({400} if operation["operationId"] in needs_a_task else {200, 201, 202, 204}), valid.body
    assert [is_described(contract, operation, reply) for reply in replies] == [True] * len(replies)
    assert [replies[1].status, replies[3].status] == [401, 405]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("days=7", (), 200),
        ("days=7&tag=1&tag=2&detailed=true", (("x-trace", "abc"),), 200),
        ("days=-1", (), 200),
        ("", (), 400),
        ("days=", (), 400),
        ("days=91", (), 400),
        ("days=x", (), 400),
        ("days=1.5", (), 400),
        ("days=1&days=2", (), 400),
        ("days=1&tag=x", (), 400),
        ("days=1&detailed=maybe", (), 400),
        ("days=1", (("x-trace", "too long"),), 400),
        ("days=1&unknown=1", (), 200),
    ],
)
def test_parameters_are_validated(query: str, headers: tuple[tuple[str, str], ...], status: int) -> None:
    """Query and header parameters are read by their types; Authorization is ignored, as OpenAPI specifies."""
    answer = ask(MockGateway(contract=PLAIN), "GET", "/account/us", query=query, headers=headers)
    assert answer.status == status
    if status == 400:
        assert answer.content["code"] == 1201
        assert "parameter" in answer.content["message"]


def test_path_parameters_are_validated() -> None:
    """A value outside the schema is refused; a path without parameters goes before a template."""
    gateway = MockGateway(contract=PLAIN)
    assert (
        ask(gateway, "GET", "/account/moon", query="days=1").content["message"]
        == "the path parameter region is invalid"
    )
    assert ask(gateway, "GET", "/account/cn").content == "exact path"


def test_an_optional_body_is_optional() -> None:
    """A GET with an optional JSON body works without one; with one, the body is validated."""
    gateway = MockGateway(contract=PLAIN)
    assert ask(gateway, "GET", "/search") == (200, {"hits": 1})
    assert ask(gateway, "GET", "/search", {"word": "ada"}).status == 200
    assert ask(gateway, "GET", "/search", {}).content["code"] == 1201


def test_presets_with_an_optional_body() -> None:
    """The presets page of chainhub declares an optional body on the GET; the list works without it."""
    contract = json.loads(json.dumps(CONTRACTS["the compiled contract"]))
    contract["paths"]["/kling/v1/general/presets-voices"]["get"]["requestBody"] = json_body(
        {"type": "object"}, required=False
    )
    assert len(ask(MockGateway(contract=contract), "GET", "/kling/v1/general/presets-voices").data) == 30


def test_examples_come_first() -> None:
    """A documented example is the response, unchanged."""
    answer = ask(MockGateway(contract=PLAIN), "POST", "/speech", {"text": "hello"})
    assert answer.content == {"code": 0, "data": {"audio": "https://example.com/a.mp3"}}


def test_an_example_that_is_not_valid_is_not_used() -> None:
    """A page can contain an example that its own schema forbids."""
    described = response(enveloped({"type": "integer"}), example={"code": 0, "data": "text"})
    contract = document({"/x": {"get": {"responses": described}}})
    assert ask(MockGateway(contract=contract), "GET", "/x").data == 1


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({b"file": b"RIFF\xff\x00", b"seconds": b"7"}, 201),
        ({b"file": b"RIFF", b"seconds": b"31"}, 400),
        ({b"file": b"RIFF", b"seconds": b"x"}, 400),
        ({b"seconds": b"7"}, 400),
    ],
)
def test_multipart_bodies(parts: dict[bytes, bytes], status: int) -> None:
    """The parts of a form are validated by their schemas, files included."""
    pieces = [
        BOUNDARY % (name, b'; filename="a.wav"' if name == b"file" else b"", text) for name, text in parts.items()
    ]
    headers = [KEY, ("content-type", "multipart/form-data; boundary=b")]
    reply = MockGateway(contract=PLAIN).reply(Request("POST", "/upload", "", headers, b"".join(pieces) + b"--b--\r\n"))
    assert reply.status == status


@pytest.mark.parametrize(
    ("content_type", "body"), [("multipart/form-data", b"x"), ("multipart/form-data; boundary=b", b"")]
)
def test_a_broken_multipart_body(content_type: str, body: bytes) -> None:
    """A body without parts is refused."""
    headers = [KEY, ("content-type", content_type)]
    assert MockGateway(contract=PLAIN).reply(Request("POST", "/upload", "", headers, body)).status == 400


@pytest.mark.parametrize(("body", "status"), [(b"n=1", 200), (b"", 200), (b"n=0", 400), (b"n=x", 400)])
def test_form_bodies(body: bytes, status: int) -> None:
    """The fields of a form are read by their types; an optional form can be missing."""
    headers = [KEY, ("content-type", "application/x-www-form-urlencoded")]
    assert MockGateway(contract=PLAIN).reply(Request("POST", "/form", "", headers, body)).status == status


def test_other_bodies() -> None:
    """A body of another media type is accepted unchanged; a required body must be present; 204 has no body."""
    gateway = MockGateway(contract=PLAIN)
    headers = [KEY, ("content-type", "application/octet-stream")]
    reply = gateway.reply(Request("PUT", "/raw", "", headers, b"\x00\xff"))
    assert (reply.status, reply.body) == (204, b"")
    assert gateway.reply(Request("PUT", "/raw", "", [KEY], b"")).status == 415


def test_headers_and_media_types() -> None:
    """Required response headers are sent; a response that is no JSON has its own media type."""
    gateway = MockGateway(contract=PLAIN)
    assert ("x-left", "7") in send(gateway, "GET", "/header").headers
    assert ("content-type", "text/plain") in send(gateway, "GET", "/text").headers
    assert ask(gateway, "GET", "/silent").data == {}


def test_a_response_that_cannot_be_built() -> None:
    """The mock says so, with the place, and does not answer something invalid."""
    contract = document(
        {"/x": {"get": {"responses": response({"type": "object", "properties": {"a": False}, "required": ["a"]})}}}
    )
    answer = ask(MockGateway(contract=contract), "GET", "/x")
    assert (answer.status, answer.content["code"]) == (500, 5000)
    assert (
        "cannot build a response that is valid for the contract: no valid value was found for a"
        in answer.content["message"]
    )


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ({"openapi": "3.0.1", "paths": {}}, "the contract is OpenAPI 3.0.1; pass an OpenAPI 3.1 document"),
        ({}, "the contract is OpenAPI None; pass an OpenAPI 3.1 document"),
        ({"openapi": "3.1.0", "paths": {"/x": {"get": {}}}}, "the contract gives GET /x no operationId; add one"),
    ],
)
def test_what_is_not_a_contract(contract: dict[str, Any], message: str) -> None:
    """Other documents are refused in one sentence."""
    with pytest.raises(InvalidInputError, match=message):
        MockGateway(contract=contract)


def test_a_reference_that_leads_nowhere() -> None:
    """The missing component is named."""
    contract = document({"/x": {"get": {"responses": {"200": {"$ref": "#/components/responses/Missing"}}}}})
    with pytest.raises(InvalidInputError, match="refers to #/components/responses/Missing, which it does not contain"):
        ask(MockGateway(contract=contract), "GET", "/x")
