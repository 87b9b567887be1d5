"""After a create was charged, no later failure says that nothing was created, and the id of the task is never lost."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from kling_gateway.types import UNSET
from kling_voices import (
    APIError,
    AsyncKlingVoices,
    BadRequestError,
    ConnectionFailedError,
    InvalidInputError,
    KlingVoices,
    KlingVoicesError,
    NotFoundError,
    OutcomeUnknownError,
)
from kling_voices.mock import MockGateway, VirtualClock

from tests.support.clients import API_KEY, IN_PROCESS, Kind, open_client

URL = "https://example.com/ada.mp3"

# Errors of this package that a caller's own code may raise, for example because it uses another client.
FOREIGN_ERRORS: list[KlingVoicesError] = [
    ConnectionFailedError("of another client", request_sent=False),
    BadRequestError("of another client", status_code=400, code=1200),
    InvalidInputError("of another client"),
]


def _foreign_error(number: int) -> KlingVoicesError:
    error = FOREIGN_ERRORS[number]
    return error.__class__(*error.args, **{name: value for name, value in vars(error).items() if name in _KEYWORDS})


_KEYWORDS = {"request_sent", "status_code", "code"}


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize("number", range(len(FOREIGN_ERRORS)))
def test_an_error_of_on_update(kind: Kind, number: int) -> None:
    """An error of this package that `on_update` raises has the outcome and the id of the task that was created."""
    gateway = MockGateway(API_KEY)

    def on_update(_: object) -> None:
        raise _foreign_error(number)

    with open_client(kind, gateway.handle) as call, pytest.raises(KlingVoicesError) as caught:
        call("create_and_wait", "Ada", voice_url=URL, on_update=on_update)
    [task] = gateway.tasks
    assert (caught.value.outcome, caught.value.external_task_id) == ("created", task.external_task_id)


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_on_update_with_an_unknown_create_of_its_own(kind: Kind) -> None:
    """If `on_update` sends another create, whose outcome is unknown, both ids are given: one of them in a note."""
    gateway = MockGateway(API_KEY)

    def on_update(_: object) -> None:
        raise OutcomeUnknownError("of another create", outcome="unknown", external_task_id="order-2")

    with open_client(kind, gateway.handle) as call, pytest.raises(OutcomeUnknownError) as caught:
        call("create_and_wait", "Ada", voice_url=URL, external_task_id="order-1", on_update=on_update)
    assert (caught.value.outcome, caught.value.external_task_id) == ("unknown", "order-2")
    assert "recover('order-1')" in caught.value.__notes__[0]


def _create_with_hook(kind: Kind, gateway: MockGateway, number: int) -> Any:
    """A create with a caller's client, whose hook fails once, after the response."""
    failures = [_foreign_error(number)]
    transport = httpx.MockTransport(gateway.handle)

    def hook(_: httpx.Response) -> None:
        if failures:
            raise failures.pop()

    async def async_hook(response: httpx.Response) -> None:
        hook(response)

    async def run() -> Any:
        async with httpx.AsyncClient(transport=transport, event_hooks={"response": [async_hook]}) as http:
            client = AsyncKlingVoices(API_KEY, gateway="kkiai", http_client=http, clock=VirtualClock())
            return await client.create_voice("Ada", voice_url=URL)

    if kind != "sync":
        return asyncio.run(run())
    with httpx.Client(transport=transport, event_hooks={"response": [hook]}) as http:
        client = KlingVoices(API_KEY, gateway="kkiai", http_client=http, clock=VirtualClock())
        return client.create_voice("Ada", voice_url=URL)


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
@pytest.mark.parametrize("number", range(len(FOREIGN_ERRORS)))
def test_an_error_of_an_event_hook(kind: Kind, number: int) -> None:
    """An error of this package that a caller's event hook raises says nothing about the create: it is looked up."""
    gateway = MockGateway(API_KEY)
    task = _create_with_hook(kind, gateway, number)
    assert [each.operation for each in gateway.exchanges] == ["create_custom_voice", "get_custom_voice"]
    assert task.task_id == gateway.tasks[0].task_id


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"code": 1303, "message": "busy", "data": {"task_id": "830000000000000001"}}),
        (200, {"voice_name": "Ada", "code": "1201", "external_task_id": "order-1"}),
        (200, {"voice_name": "Ada", "external_task_id": "order-1", "options": {"code": 1201}}),
        (400, {"code": "task_failed", "message": "later failure", "data": {"task_id": "830000000000000001"}}),
        (429, {"code": 1302, "message": "busy", "data": {"task_id": 830000000000000001}}),
    ],
)
def test_a_rejection_that_names_a_task(kind: Kind, status: int, body: Any) -> None:
    """A response that names a task does not prove a rejection, whatever its code: the task is looked up."""
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(status, json=body) if request.method == "POST" else httpx.Response(404, json={})

    with open_client(kind, handler, max_retries=0) as call, pytest.raises(OutcomeUnknownError) as caught:
        call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")
    assert sent == ["POST", "GET"]
    assert isinstance(caught.value.__cause__, APIError)


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_a_rejection_that_repeats_the_request(kind: Kind) -> None:
    """A rejection with an error status may repeat the request with its external id; it remains a rejection."""
    body = {"detail": [{"input": {"voice_name": "Ada", "external_task_id": "order-1", "task_id": None}}]}
    with (
        open_client(kind, lambda _: httpx.Response(422, json=body)) as call,
        pytest.raises(APIError) as caught,
    ):
        call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")
    assert caught.value.outcome == "not_created"


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_a_body_that_is_unset(kind: Kind) -> None:
    """The generated code's word for "absent" as the body of a paid operation is an invalid argument."""
    gateway = MockGateway(API_KEY)
    with open_client(kind, gateway.handle) as call, pytest.raises(InvalidInputError, match="needs the argument 'body'"):
        call("call", "create_custom_voice", body=UNSET)
    assert gateway.tasks == ()


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_an_error_of_the_wait_has_the_id(kind: Kind) -> None:
    """A wait that the gateway rejects after a create has the outcome "created", not that of the query."""
    gateway = MockGateway(API_KEY)

    def handler(request: httpx.Request) -> httpx.Response:
        return gateway.handle(request) if request.method == "POST" else httpx.Response(404, json={})

    with open_client(kind, handler) as call, pytest.raises(NotFoundError) as caught:
        call("create_and_wait", "Ada", voice_url=URL, external_task_id="order-1")
    assert (caught.value.outcome, caught.value.external_task_id) == ("created", "order-1")
