"""`call` for every operation of the contract: its requests, and its results for valid and invalid responses."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from kling_voices import APIError, KlingVoicesError, OutcomeUnknownError
from kling_voices.mock import SHAPES, Fault, MockGateway, VirtualClock

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.near_misses import near_misses
from contract_tests.harness.operations import EXTERNAL_ID, Operation, read_operations, read_task_kinds
from contract_tests.harness.samples import sample_response, samples
from contract_tests.harness.strategies import argument_name, call_arguments, responses
from contract_tests.harness.validation import is_valid
from tests.support.clients import API_KEY, KINDS, Kind, examples, open_client
from tests.support.error_table import expected

OPERATIONS = {operation.name: operation for operation in read_operations(CONTRACT)}
TASK_KINDS = {kind.create.name: kind for kind in read_task_kinds(CONTRACT)}
QUERIES = {kind.query.name for kind in TASK_KINDS.values()}
# Without an envelope, `call` returns the whole response. Only a response about a task must be a task.
UNKNOWN_DATA = {"200 empty object", "200 data number"}
_named = pytest.mark.parametrize("name", OPERATIONS)
_each_client = pytest.mark.parametrize("kind", KINDS)


def _sample_arguments(operation: Operation) -> dict[str, Any]:
    """The smallest valid arguments of `call`."""
    arguments: dict[str, Any] = dict.fromkeys(operation.parameters_in("path"), "830460928805724256")
    for name, parameter in operation.parameters_in("query").items():
        if parameter.get("required"):
            arguments[argument_name(name)] = next(samples(operation.document, parameter["schema"]))
    if operation.body and operation.body.is_needed:
        arguments["body"] = next(samples(operation.document, operation.body.schema))
    return arguments


def _sample_response(operation: Operation) -> httpx.Response:
    return httpx.Response(operation.success_status, json=sample_response(operation))


def _check_request(request: httpx.Request, operation: Operation, arguments: dict[str, Any]) -> None:
    """Method, path, query, body and key match the contract and the arguments."""
    path = operation.path
    for name in operation.parameters_in("path"):
        path = path.replace(f"{{{name}}}", arguments[name])
    assert (request.method, unquote(request.url.raw_path.decode().partition("?")[0])) == (operation.method, path)
    assert request.headers.get_list("authorization") == [f"Bearer {API_KEY}"]
    declared = operation.parameters_in("query")
    assert request.url.params.keys() <= declared.keys()
    assert {name for name in declared if argument_name(name) in arguments} <= request.url.params.keys()
    if "body" not in arguments:
        assert request.content in {b"", b"{}"}
        return
    assert operation.body is not None
    body = json.loads(request.content)
    assert is_valid(operation.document, operation.body.schema, body)
    added = {EXTERNAL_ID} if operation.name in TASK_KINDS and not arguments["body"].get(EXTERNAL_ID) else set()
    assert {name: value for name, value in body.items() if name not in added} == {
        name: value for name, value in arguments["body"].items() if name not in added
    }
    assert all(isinstance(body[name], str) and body[name] for name in added)


@_each_client
@_named
def test_requests_follow_the_contract(kind: Kind, name: str) -> None:
    """For any valid arguments: one request that the contract describes, with the arguments unchanged and the key."""
    operation, sent = OPERATIONS[name], list[httpx.Request]()

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return _sample_response(operation)

    with open_client(kind, handler) as call:

        @examples(kind, 20)
        @given(call_arguments(operation))
        def check(arguments: dict[str, Any]) -> None:
            sent.clear()
            call("call", name, **arguments)
            assert len(sent) == 1
            _check_request(sent[0], operation, arguments)

        check()


@_named
def test_valid_responses_are_returned(name: str) -> None:
    """For any response that the contract allows: `call` returns its data, or all of it if there is no envelope.

    A page can allow an envelope without data; that is an error.
    """
    operation = OPERATIONS[name]
    current: Any = None
    with open_client("sync", lambda _: httpx.Response(operation.success_status, json=current)) as call:

        @examples("sync", 25)
        @given(responses(operation))
        def check(response: Any) -> None:
            nonlocal current
            current = response
            has_envelope = isinstance(response, dict) and "code" in response and "data" in response
            try:
                data = call("call", name, **_sample_arguments(operation))
            except OutcomeUnknownError as error:
                # A page can leave the response of a create open. What is not a task cannot be returned as one.
                assert name in TASK_KINDS
                assert isinstance(error.__cause__, APIError)
            except APIError as error:
                assert isinstance(response, dict)
                has_no_data = "code" in response and response.get("data") is None
                assert response.get("code", 0) != 0 or has_no_data or name in QUERIES, error
            else:
                assert data == (response["data"] if has_envelope else response)

        check()


@_named
def test_near_misses(name: str) -> None:
    """For any response one change from valid: a value, or an error of the package; a create has an id to look it up."""
    operation = OPERATIONS[name]
    current: Any = None

    def handler(request: httpx.Request) -> httpx.Response:
        if name in TASK_KINDS and request.method == "GET":
            return httpx.Response(400, json={"code": 1201, "message": "task not found"})
        return httpx.Response(operation.success_status, json=current)

    with open_client("sync", handler, max_retries=0) as call:

        @examples("sync", 25)
        @given(near_misses(responses(operation)))
        def check(near_miss: Any) -> None:
            nonlocal current
            current = near_miss
            try:
                call("call", name, **_sample_arguments(operation))
            except KlingVoicesError as error:
                assert bool(error.external_task_id) == (name in TASK_KINDS)

        check()


@_named
def test_every_error_shape(name: str) -> None:
    """For every response that gateways are known to give: the class, code and status of the error table."""
    operation, wrong = OPERATIONS[name], []
    method = "get_task" if name in QUERIES else "call"
    for shape, reply in SHAPES.items():
        clock = VirtualClock()
        gateway = MockGateway(API_KEY, clock=clock, faults=[Fault("shape_before", shape=shape)])
        row = expected(shape, method)
        with open_client("sync", gateway.handle, clock=clock, max_retries=0) as call:
            try:
                call("call", name, **_sample_arguments(operation))
            except KlingVoicesError as raised:
                error = raised.__cause__ if isinstance(raised, OutcomeUnknownError) else raised
                assert isinstance(error, APIError)
                found: tuple[Any, ...] = (type(error), error.code, error.status_code)
            else:
                found = (None, None, None)
        is_data = shape in UNKNOWN_DATA and name not in TASK_KINDS
        if found != ((None, None, None) if is_data else (row.error, row.code, reply.status)):
            wrong.append((shape, found))
    assert not wrong, wrong


def test_the_contract_has_operations() -> None:
    """The tests above ran for at least the five operations on voices, one of them a paid create."""
    assert len(OPERATIONS) >= 5
    assert len(TASK_KINDS) >= 1
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in OPERATIONS)
