"""The app within servers: mounted, with lifespan events and without, over restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from kling_voices import KlingVoices, VoiceTask
from kling_voices.callbacks import CallbackApp, SQLiteStore
from kling_voices.mock import MockGateway, VirtualClock
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from .support import TOKEN, URL, Receiver, older, open_receiver, raising


def _sync_client(clock: VirtualClock) -> tuple[KlingVoices, str]:
    gateway = MockGateway(clock=clock)
    http = httpx.Client(transport=httpx.MockTransport(gateway.handle))
    client = KlingVoices("mock-key", gateway="mock", http_client=http, clock=clock)
    return client, client.create_voice("Ada", voice_url=URL).task_id or ""


def _fastapi(app: CallbackApp) -> Any:
    service = FastAPI(lifespan=app.lifespan)
    service.mount("/kling", app)
    return service


def _starlette(app: CallbackApp) -> Any:
    return Starlette(routes=[Mount("/kling", app)])


def _nested(app: CallbackApp) -> Any:
    return Starlette(routes=[Mount("/outer", Starlette(routes=[Mount("/kling", app)]))])


@pytest.mark.parametrize("has_lifespan", [True, False])
@pytest.mark.parametrize(
    ("build", "prefix"),
    [(lambda app: app, ""), (_fastapi, "/kling"), (_starlette, "/kling"), (_nested, "/outer/kling")],
)
def test_mounted(build: Callable[[CallbackApp], Any], prefix: str, has_lifespan: bool) -> None:
    """Alone, in FastAPI and in Starlette; a test client sees the result when the request returns."""
    clock, tasks = VirtualClock(), list[VoiceTask]()
    client, task_id = _sync_client(clock)
    app = CallbackApp(client, token=TOKEN, on_task=tasks.append, clock=clock)
    http = TestClient(build(app))
    if has_lifespan:
        http.__enter__()
    assert http.post(f"{prefix}/{TOKEN}", json=older(task_id)).status_code == 200
    assert [task.task_id for task in tasks] == [task_id]
    assert http.post(f"{prefix}/{TOKEN}x", json=older(task_id)).status_code == 404
    assert http.get(f"{prefix}/{TOKEN}").status_code == 405
    if has_lifespan:
        http.__exit__()


def test_retries_without_a_lifespan() -> None:
    """A callback whose first attempt failed in an event loop that has ended is tried again with the next request."""
    clock, tasks = VirtualClock(), list[VoiceTask]()
    client, task_id = _sync_client(clock)
    app = CallbackApp(client, token=TOKEN, on_task=raising(1, tasks.append), clock=_Patient(clock))
    http = TestClient(app)
    http.post(f"/{TOKEN}", json=older(task_id, "submitted"))
    assert tasks == []
    other = client.create_voice("Bob", voice_url=URL).task_id
    http.post(f"/{TOKEN}", json=older(other or "", "submitted"))
    assert sorted(task.task_id or "" for task in tasks) == [task_id, other]


class _Patient(VirtualClock):
    """A clock on which no sleep ends, so that a retry never comes by itself."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock.time())

    async def async_sleep(self, seconds: float) -> None:  # noqa: ARG002 - the protocol's name
        """Sleep until cancelled."""
        await anyio.sleep_forever()


@pytest.mark.anyio
async def test_a_restart_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was queued or running when the service stopped is handled at the next start; duplicates stay known."""
    started = anyio.Event()

    async def stuck(_: VoiceTask) -> None:
        started.set()
        await anyio.sleep_forever()

    caplog.set_level(logging.CRITICAL)
    async with open_receiver() as (receiver, task_id):
        file = tmp_path / "callbacks.sqlite"
        app = receiver.open_app(on_task=stuck, store=SQLiteStore(file))
        with pytest.MonkeyPatch.context() as patch, anyio.fail_after(5):
            patch.setattr("kling_voices.callbacks._app._STOP_SECONDS", 0.01)
            async with app.lifespan(), anyio.create_task_group() as group:
                group.start_soon(_post_quietly, receiver, older(task_id, "submitted"))
                await started.wait()
                group.cancel_scope.cancel()
        assert SQLiteStore(file).queued() == (f"task:{task_id}:submitted",)

        store = SQLiteStore(file)
        async with receiver.open_app(store=store).lifespan():
            pass  # the stop waits for what was started
        assert (receiver.statuses, store.queued()) == (["submitted"], ())

        receiver.open_app(store=SQLiteStore(file))
        assert (await receiver.post(older(task_id, "submitted"))).text == "received before\n"
        assert receiver.statuses == ["submitted"]


async def _post_quietly(receiver: Receiver, body: Any) -> None:
    await receiver.post(body)


@pytest.mark.anyio
async def test_while_stopping_the_sender_is_asked_to_come_back() -> None:
    """Requests during and after a stop get 503, so that the sender tries again after the restart."""
    async with open_receiver() as (receiver, task_id):
        async with receiver.app.lifespan():
            pass
        assert (await receiver.post(older(task_id))).status_code == 503
        async with receiver.app.lifespan():
            assert (await receiver.post(older(task_id))).status_code == 200


@pytest.mark.anyio
async def test_an_error_of_the_service_is_raised_as_it_is() -> None:
    """The lifespan wraps no error in a group."""
    async with open_receiver() as (receiver, _):
        with pytest.raises(KeyError, match="mine"):
            async with receiver.app.lifespan():
                raise KeyError("mine")


@pytest.mark.anyio
async def test_a_start_that_fails_is_reported() -> None:
    """If the store cannot be read, the server learns it in the way of ASGI."""
    store = SQLiteStore()
    store.close()
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with open_receiver(store=store) as (receiver, _):
        with pytest.raises(Exception, match="closed database"):
            await receiver.app({"type": "lifespan"}, receive, send)
    assert sent == [
        {"type": "lifespan.startup.failed", "message": "ProgrammingError: Cannot operate on a closed database."}
    ]
