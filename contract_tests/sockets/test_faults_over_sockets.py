"""Every fault of the mock gateway over real sockets: clients handle it as they do in process."""

from __future__ import annotations

import socket
from typing import Any

import anyio
import httpx
import pytest
from kling_voices import (
    AsyncKlingVoices,
    ConnectionFailedError,
    KlingVoices,
    OutcomeUnknownError,
    UnexpectedResponseError,
    VoiceTask,
    aiohttp_client,
)
from kling_voices.mock import SHAPES, Fault, MockGateway

from tests.support.clients import KINDS, Kind
from tests.support.servers import NoSleepClock, serve

URL = "https://example.com/ada.mp3"
CREATE = "create_custom_voice"
pytestmark = pytest.mark.parametrize("kind", KINDS)


def _call(kind: Kind, base_url: str, method: str, *args: Any, timeout: float = 5.0, **kwargs: Any) -> Any:
    if kind == "sync":
        with KlingVoices("mock-key", gateway=base_url, timeout=timeout, clock=NoSleepClock()) as client:
            return getattr(client, method)(*args, **kwargs)

    async def run() -> Any:
        async with aiohttp_client() if kind == "aiohttp" else httpx.AsyncClient() as http:
            client = AsyncKlingVoices(
                "mock-key", gateway=base_url, timeout=timeout, http_client=http, clock=NoSleepClock()
            )
            return await getattr(client, method)(*args, **kwargs)

    return anyio.run(run, backend="trio" if kind == "trio" else "asyncio")


def _create(kind: Kind, base_url: str, **kwargs: Any) -> VoiceTask:
    task = _call(kind, base_url, "create_voice", "Ada", voice_url=URL, external_task_id="order-1", **kwargs)
    assert isinstance(task, VoiceTask)
    return task


@pytest.mark.parametrize(
    "fault", ["reset_after", "reset_within", "cut_short", "false_length", "no_answer", "shape_after"]
)
def test_an_accepted_create_is_found(kind: Kind, fault: Any) -> None:
    """After a reset, a cut or wrong body, or no response, the task is found by its external id and charged once."""
    gateway = MockGateway(faults=[Fault(fault, operation=CREATE)])
    with serve(gateway) as base_url:
        task = _create(kind, base_url, timeout=0.3 if fault == "no_answer" else 5.0)
    assert [task.task_id] == [task.task_id for task in gateway.tasks]


def test_a_late_response(kind: Kind) -> None:
    """A response after the timeout is replaced by a query; a response before it is used."""
    gateway = MockGateway(faults=[Fault("late", operation=CREATE, seconds=0.5)])
    with serve(gateway) as base_url:
        assert _create(kind, base_url, timeout=0.2).task_id == gateway.tasks[0].task_id
        assert _call(kind, base_url, "create_voice", "Bob", voice_url=URL).voice_name == "Bob"
    assert len(gateway.tasks) == 2


@pytest.mark.parametrize("fault", ["refuse", "reset_before"])
def test_a_reset_before_acceptance_stays_unknown(kind: Kind, fault: Any) -> None:
    """Over a socket it looks like a reset after acceptance, so the create is not sent again."""
    gateway = MockGateway(faults=[Fault(fault, operation=CREATE)])
    with serve(gateway) as base_url, pytest.raises(OutcomeUnknownError) as caught:
        _create(kind, base_url)
    assert isinstance(caught.value.__cause__, ConnectionFailedError)
    assert gateway.tasks == ()


def test_no_connection(kind: Kind) -> None:
    """If no connection is made, the outcome is not_created."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionFailedError, match="could not be reached") as caught:
        _create(kind, f"http://127.0.0.1:{port}")
    assert (caught.value.outcome, caught.value.request_sent) == ("not_created", False)


@pytest.mark.parametrize("shape", ["HTML 502", "200 bad compression", "200 over the limit", "empty 429", "empty 204"])
def test_shapes(kind: Kind, shape: str) -> None:
    """Unusual responses pass a real HTTP parser, and the existing task is found."""
    gateway = MockGateway(faults=[Fault("shape_after", operation=CREATE, shape=shape, times=1)])
    with serve(gateway) as base_url:
        assert _create(kind, base_url).task_id == gateway.tasks[0].task_id
    assert len(gateway.tasks) == 1


def test_a_body_over_the_limit(kind: Kind) -> None:
    """At most ten MiB of a body are read and kept."""
    gateway = MockGateway(faults=[Fault("shape_before", shape="200 over the limit")])
    with serve(gateway) as base_url, pytest.raises(UnexpectedResponseError) as caught:
        _call(kind, base_url, "get_task", "1")
    assert len(caught.value.body) == 10 * 2**20 < len(SHAPES["200 over the limit"].body)  # type: ignore[arg-type]


def test_create_list_and_delete(kind: Kind) -> None:
    """Create, wait, delete and recover over a socket."""
    gateway = MockGateway(creation_seconds=0)
    with serve(gateway) as base_url:
        task = _call(kind, base_url, "create_and_wait", "Ada", voice_url=URL)
        assert task.voice is not None
        assert _call(kind, base_url, "delete_voice", task.voice.voice_id).succeeded
        assert _call(kind, base_url, "recover", task.external_task_id).voices == ()
