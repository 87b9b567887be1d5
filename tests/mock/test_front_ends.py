"""The three front ends of the mock: an httpx transport, an ASGI app, and an HTTP server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from kling_voices import AsyncKlingVoices, AuthenticationError, KlingVoices
from kling_voices.mock import MockGateway, VirtualClock

from tests.mock.requests import CREATE, VOICE

BODY = {**VOICE, "external_task_id": "order-1"}
AUTH = {"Authorization": "Bearer mock-key"}
JSON = {**AUTH, "Content-Type": "application/json"}

Ask = Callable[..., httpx.Response]


@pytest.fixture(params=["transport", "asgi", "server"])
def ask(request: pytest.FixtureRequest, gateway: MockGateway) -> Iterator[Ask]:
    """A function that sends a request through one of the front ends."""
    if request.param == "transport":
        with httpx.Client(transport=httpx.MockTransport(gateway.handle), base_url="http://mock") as http:
            yield http.request
        return
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        base_url, transport = "http://mock", None
        if request.param == "asgi":
            transport = httpx.ASGITransport(gateway.asgi_app)
        else:
            base_url = runner.run(stack.enter_async_context(gateway.serve()))
        client = runner.run(stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=base_url)))
        yield lambda *args, **kwargs: runner.run(client.request(*args, **kwargs))
        runner.run(stack.aclose())


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "status", "code"),
    [
        ("POST", CREATE, {"Content-Type": "application/json"}, json.dumps(BODY), 401, 1001),
        ("POST", CREATE, {**JSON, "Authorization": "Bearer wrong"}, json.dumps(BODY), 401, 1002),
        ("POST", CREATE, {**JSON, "Authorization": "mock-key"}, json.dumps(BODY), 401, 1002),
        ("POST", CREATE, {**JSON, "Authorization": "Bearer mock-key-and-more"}, json.dumps(BODY), 401, 1002),
        ("POST", CREATE, AUTH, json.dumps(BODY), 415, 1200),
        ("POST", CREATE, {**AUTH, "Content-Type": "text/plain"}, json.dumps(BODY), 415, 1200),
        ("POST", CREATE, JSON, '{"voice_name": ', 400, 1200),
        ("POST", CREATE, JSON, "", 400, 1200),
        ("POST", CREATE, JSON, "[" * 50_000, 400, 1200),
        ("POST", CREATE, JSON, '{"voice_name": NaN}', 400, 1200),
        ("POST", CREATE, JSON, " " * (1024 * 1024 + 1), 400, 1200),
        ("POST", CREATE, JSON, '{"voice_name": "Ada", "video_id": "1", "external_task_id": "\\ud83d"}', 400, 1200),
        ("POST", CREATE, JSON, "[]", 400, 1201),
        ("POST", CREATE, JSON, json.dumps({**BODY, "video_id": "1"}), 400, 1201),
        ("POST", CREATE, JSON, json.dumps({"voice_name": "Ada"}), 400, 1201),
        ("POST", CREATE, JSON, json.dumps({**BODY, "voice_name": "A" * 21}), 400, 1201),
        ("PUT", CREATE, JSON, json.dumps(BODY), 405, 1202),
        ("DELETE", CREATE + "/1", AUTH, "", 405, 1202),
        ("GET", CREATE + "/nobody", AUTH, "", 400, 1201),
        ("GET", CREATE + "?pageNum=0", AUTH, "", 400, 1201),
        ("GET", "/kling/v1/general/nothing", AUTH, "", 404, 1203),
    ],
)
def test_refusals(
    ask: Ask, gateway: MockGateway, method: str, path: str, headers: Any, content: str, status: int, code: int
) -> None:
    """Each kind of wrong request gets the response that the contract describes, and is not charged."""
    response = ask(method, path, headers=headers, content=content)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert gateway.tasks == ()
    assert response.json()["request_id"] == response.headers["x-request-id"]
    if status == 405:
        assert response.headers["allow"]


def test_success(ask: Ask, gateway: MockGateway, clock: VirtualClock) -> None:
    """A create and a query give the same results through each front end."""
    response = ask("POST", CREATE, headers=JSON, content=json.dumps(BODY))
    assert response.json()["request_id"] == response.headers["x-request-id"]
    created = response.json()["data"]
    clock.advance(10)
    task = ask("GET", f"{CREATE}/order-1", headers=AUTH).json()["data"]
    assert (task["task_id"], task["task_status"]) == (created["task_id"], "succeed")
    assert [task.external_task_id for task in gateway.tasks] == ["order-1"]


def test_exchanges_are_recorded(ask: Ask, gateway: MockGateway) -> None:
    """The latest exchanges are recorded for every front end; observers see each."""
    seen: list[int] = []
    gateway.on_exchange(lambda exchange: seen.append(exchange.reply.status))
    ask("POST", CREATE, headers=JSON, content=json.dumps(BODY))
    ask("GET", "/nothing", headers=AUTH)
    first, second = gateway.exchanges
    assert (first.number, first.operation, first.request.method, first.reply.status) == (
        1,
        "create_custom_voice",
        "POST",
        200,
    )
    assert (second.number, second.operation, second.reply.status) == (2, None, 404)
    assert seen == [200, 404]


def test_only_the_latest_exchanges_are_kept(gateway: MockGateway) -> None:
    """Memory is bounded: 200 exchanges, and 64 KiB of each body."""
    with httpx.Client(transport=httpx.MockTransport(gateway.handle), base_url="http://mock") as http:
        for _ in range(250):
            http.get("/nothing")
        http.post(CREATE, headers=JSON, content=b" " * 100_000)
    assert len(gateway.exchanges) == 200
    assert (gateway.exchanges[-1].number, len(gateway.exchanges[-1].request.body)) == (251, 64 * 1024)


def test_the_embedded_mock_needs_no_key() -> None:
    """`gateway="mock"` creates a voice in process, for both clients; a wrong key is refused."""
    with KlingVoices(gateway="mock", clock=VirtualClock()) as client:
        assert client.create_voice("Ada", voice_url=VOICE["voice_url"]).task_id
        assert client.get_task("830000000000000001").voice_name is None
    with KlingVoices("wrong", gateway="mock") as client, pytest.raises(AuthenticationError):
        client.create_voice("Ada", voice_url=VOICE["voice_url"])

    async def asynchronous() -> str | None:
        async with AsyncKlingVoices(gateway="mock") as client:
            return (await client.create_voice("Ada", voice_url=VOICE["voice_url"])).task_id

    assert asyncio.run(asynchronous())


def test_the_repr_hides_the_keys() -> None:
    """The repr shows the dialect and the number of tasks, no key and no secret."""
    gateway = MockGateway("sk-secret", callback_secret="whsec_c2VjcmV0")
    assert repr(gateway) == "MockGateway(dialect='kling', tasks=0)"
    assert "sk-secret" not in repr(vars(gateway)["_core"])
