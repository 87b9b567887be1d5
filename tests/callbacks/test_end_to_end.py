"""Mock server, a FastAPI service under uvicorn, and clients, over loopback sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from attrs import define, field
from fastapi import FastAPI
from kling_voices import AsyncKlingVoices, KlingVoices, VoiceTask
from kling_voices._flows import retry
from kling_voices.callbacks import CallbackApp
from kling_voices.mock import Fault, MockGateway

from tests.support.threads import open_in_thread

from .support import SECRET, TOKEN, URL


@define
class Service:
    """The service of a user, and what it has received."""

    base_url: str
    tasks: list[VoiceTask] = field(factory=list)
    has_result: threading.Event = field(factory=threading.Event)
    statuses: list[int] = field(factory=list)  # of its responses to callbacks

    def __call__(self, gateway_url: str, secret: str | None) -> Any:
        """The FastAPI app; its client lives as long as the app."""

        async def on_task(task: VoiceTask) -> None:
            self.tasks.append(task)
            if task.succeeded:
                self.has_result.set()

        client = AsyncKlingVoices("mock-key", gateway=gateway_url)
        callbacks = CallbackApp(client, token=TOKEN, secret=secret, on_task=on_task)

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with client, callbacks.lifespan(app):
                yield

        app = FastAPI(lifespan=lifespan)
        app.mount("/callbacks", self._recording(callbacks))
        return app

    def _recording(self, app: Any) -> Any:
        async def recorded(scope: Any, receive: Any, send: Any) -> None:
            async def record(message: Any) -> None:
                if "status" in message:
                    self.statuses.append(message["status"])
                await send(message)

            await app(scope, receive, record)

        return recorded

    @property
    def callback_url(self) -> str:
        """The address for the gateway."""
        return f"{self.base_url}/callbacks/{TOKEN}"


@contextmanager
def _running(gateway: MockGateway, secret: str | None) -> Iterator[tuple[Service, KlingVoices]]:
    """Gateway and service on their sockets, and a client of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    service = Service(f"http://127.0.0.1:{listening.getsockname()[1]}")
    with open_in_thread(gateway.serve()) as gateway_url:
        server = uvicorn.Server(uvicorn.Config(service(gateway_url, secret), log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with KlingVoices("mock-key", gateway=gateway_url) as client:
                yield service, client
        finally:
            server.should_exit = True
            thread.join()
            listening.close()


@pytest.mark.parametrize(
    ("fault", "secret"),
    [
        (None, None),
        (None, SECRET),
        (Fault("late_callback", seconds=0.1), SECRET),
        (Fault("duplicate_callback"), SECRET),
        (Fault("reorder_callbacks"), None),
        (Fault("forge_callback"), SECRET),
        (Fault("forge_callback"), None),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "signed" if value else "-",
)
@pytest.mark.parametrize("dialect", ["kling", "kling-v2"])
def test_callbacks_end_to_end(fault: Fault | None, secret: str | None, dialect: Any) -> None:
    """The service gets the real task once per state, even if callbacks are late, duplicated, unordered or forged."""
    gateway = MockGateway(
        dialect=dialect,
        creation_seconds=0.1,
        callback_secret=secret,
        faults=[fault] if fault else [],
    )
    with _running(gateway, secret) as (service, client):
        task = client.create_voice("Ada", voice_url=URL, callback_url=service.callback_url)
        assert service.has_result.wait(20)
    states = [got.status for got in service.tasks]
    assert len(states) == len(set(states))
    assert {got.task_id for got in service.tasks} == {task.task_id}
    assert [got.voice and got.voice.voice_id for got in service.tasks if got.succeeded] == [gateway.tasks[0].voice_id]
    is_forged = fault is not None and fault.kind == "forge_callback" and secret is not None
    assert set(service.statuses) == ({200, 401} if is_forged else {200})


def test_a_wait_is_woken_over_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blocking wait of another client in the process of the service returns with the callback, not with a poll."""
    monkeypatch.setattr(retry, "FIRST_POLL_DELAY", 60.0)
    monkeypatch.setattr(retry, "MAX_POLL_DELAY", 60.0)
    with _running(MockGateway(creation_seconds=0.1), None) as (service, client):
        task = client.create_voice("Ada", voice_url=URL, callback_url=service.callback_url)
        assert client.wait(task, timeout=40).succeeded  # a wait without callbacks would poll after 48 s at the earliest


def test_lost_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the gateway sends none, a wait finds the result all the same."""
    monkeypatch.setattr(retry, "FIRST_POLL_DELAY", 0.1)
    gateway = MockGateway(creation_seconds=0.1, faults=[Fault("lose_callback")])
    with _running(gateway, None) as (service, client):
        task = client.create_voice("Ada", voice_url=URL, callback_url=service.callback_url)
        assert client.wait(task, timeout=20).succeeded
    assert (service.statuses, service.tasks) == ([], [])


def test_other_requests_over_a_socket() -> None:
    """Oversized bodies, other methods and other paths are answered by the app within the service."""
    with _running(MockGateway(), None) as (service, _), httpx.Client() as http:
        assert http.post(service.callback_url, content=b"x" * 2**21).status_code == 413
        assert http.get(service.callback_url).status_code == 405
        assert http.post(f"{service.callback_url}x", json={}).status_code == 404
        assert http.post(service.callback_url, content=b"no JSON").text == (
            "the callback cannot be read: the body is not JSON\n"
        )
