"""Libraries that mock or record httpx intercept every request of a client that has no other transport."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import httpx
import pytest
import pytest_httpx
import respx
import vcr
from kling_voices import AsyncKlingVoices, KlingVoices
from kling_voices.mock import MockGateway

from tests.support.servers import serve

GATEWAY = "https://gateway.example"
URL = "https://example.com/ada.mp3"
Interception: TypeAlias = Callable[[Callable[[httpx.Request], httpx.Response]], AbstractContextManager[object]]


def _respx(using: str) -> Interception:
    @contextmanager
    def intercept(handler: Callable[[httpx.Request], httpx.Response]) -> Iterator[None]:
        with respx.mock(using=using, assert_all_called=False) as router:
            router.route(host="gateway.example").mock(side_effect=handler)
            yield

    return intercept


@contextmanager
def _patched_transports(handler: Callable[[httpx.Request], httpx.Response]) -> Iterator[None]:
    async def handle_async(_: object, request: httpx.Request) -> httpx.Response:
        return handler(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", lambda _, request: handler(request))
        patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async)
        yield


@contextmanager
def _patched_send(handler: Callable[[httpx.Request], httpx.Response]) -> Iterator[None]:
    def send(_: object, request: httpx.Request, **_options: Any) -> httpx.Response:
        response = handler(request)
        response.request = request
        return response

    async def async_send(_: object, request: httpx.Request, **options: Any) -> httpx.Response:
        return send(_, request, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Client, "send", send)
        patch.setattr(httpx.AsyncClient, "send", async_send)
        yield


def _create_and_list(kind: str, gateway: str) -> list[str | None]:
    """Create a voice and list all tasks with a client of the given kind."""
    if kind == "sync":
        with KlingVoices("k", gateway=gateway) as client:
            client.create_voice("Ada", voice_url=URL, external_task_id="order-1")
            return [task.external_task_id for task in client.list_tasks()]

    async def run() -> list[str | None]:
        async with AsyncKlingVoices("k", gateway=gateway) as client:
            await client.create_voice("Ada", voice_url=URL, external_task_id="order-1")
            return [task.external_task_id async for task in client.list_tasks()]

    return anyio.run(run, backend=kind)


KINDS = pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])


@KINDS
@pytest.mark.parametrize("intercept", [_respx("httpx"), _respx("httpcore"), _patched_transports, _patched_send])
def test_every_request_is_intercepted(kind: str, intercept: Interception) -> None:
    """Whether httpx, its transports or httpcore are replaced, no request goes past the replacement."""
    gateway = MockGateway("k")
    with intercept(gateway.handle):
        assert _create_and_list(kind, GATEWAY) == ["order-1"]
    assert len(gateway.tasks) == 1


@KINDS
def test_pytest_httpx_intercepts(kind: str, httpx_mock: pytest_httpx.HTTPXMock) -> None:
    """The fixture of pytest-httpx receives every request."""
    gateway = MockGateway("k")
    httpx_mock.add_callback(gateway.handle, is_reusable=True)
    assert _create_and_list(kind, GATEWAY) == ["order-1"]
    assert [request.method for request in httpx_mock.get_requests()] == ["POST", "GET"]


@KINDS
def test_vcr_records_and_replays(kind: str, tmp_path: Path) -> None:
    """Vcrpy records a session, and replays it when the gateway is gone; the key can be left out of the recording."""
    gateway = MockGateway("k")
    recorder = vcr.VCR(cassette_library_dir=str(tmp_path), filter_headers=["authorization"], serializer="json")
    with serve(gateway) as base_url, recorder.use_cassette("session.json"):
        recorded = _create_and_list(kind, base_url)
    with recorder.use_cassette("session.json", record_mode="none") as cassette:
        assert _create_and_list(kind, base_url) == recorded == ["order-1"]
        assert cassette.play_count == 2
    assert len(gateway.tasks) == 1
    interactions = json.loads((tmp_path / "session.json").read_text(encoding="utf-8"))["interactions"]
    assert [interaction["request"]["method"] for interaction in interactions] == ["POST", "GET"]
