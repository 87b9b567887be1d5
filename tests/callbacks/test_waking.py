"""A wait polls early after a callback, and works the same without callbacks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import anyio
import httpx
import pytest
from kling_voices import AsyncKlingVoices, KlingVoices, VoiceTask, WaitTimeoutError
from kling_voices._flows import notifications, retry
from kling_voices.callbacks import CallbackApp
from kling_voices.clock import SystemClock
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.clients import API_KEY, IN_PROCESS, Kind, open_client

from .support import TOKEN, URL, Receiver, older


class _Script(VirtualClock):
    """A clock that calls a function once, when its time has come."""

    def __init__(self, seconds: float, action: Callable[[], object]) -> None:
        super().__init__()
        self.due, self.action = self.time() + seconds, action
        self.pauses: list[float] = []

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        super().advance(seconds)
        if self.time() >= self.due:
            self.due = float("inf")
            self.action()


class _Receiver:
    """Replaces a `CallbackApp`."""


def _polls(kind: Kind, clock: _Script, creation_seconds: float, *faults: Fault) -> list[float]:
    """The seconds after the start at which a wait polled."""
    start = clock.time()
    gateway = MockGateway(API_KEY, clock=clock, creation_seconds=creation_seconds, faults=faults)
    polls: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            polls.append(round(clock.time() - start, 3))
        return gateway.handle(request)

    with open_client(kind, handle, clock=clock) as call:
        call("create_voice", "Ada", voice_url=URL, external_task_id="order-17")
        assert call("wait", "order-17", timeout=600).succeeded
    return polls


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize(
    "named", [VoiceTask(external_task_id="order-17"), VoiceTask(task_id="830000000000000001")], ids=["external", "task"]
)
def test_a_notification_wakes_a_wait(kind: Kind, named: VoiceTask) -> None:
    """The wait polls within a tenth of a second, for either id of the task; for sync, asyncio and trio."""
    receiver = _Receiver()
    notifications.notifier.add_source(receiver)
    clock = _Script(4.0, lambda: notifications.notifier.notify(named))
    polls = _polls(kind, clock, 4.0)
    assert [poll for poll in polls if poll >= 4] == [polls[-1]]
    assert polls[-1] <= 4.1 + 1e-6


def test_other_notifications_wake_nobody() -> None:
    """A wait polls at the same times as without callbacks, if the callbacks are about other tasks."""
    usual = _polls("sync", _Script(1e9, lambda: None), 20.0)
    receiver = _Receiver()
    notifications.notifier.add_source(receiver)
    clock = _Script(3.0, lambda: notifications.notifier.notify(VoiceTask(task_id="84", external_task_id="order-18")))
    assert _polls("sync", clock, 20.0) == pytest.approx(usual, abs=0.001)


def test_without_a_receiver_a_wait_sleeps_without_interruption() -> None:
    """While nothing can notify it, a wait has one pause between two polls."""
    clock = _Script(1e9, lambda: None)
    polls = _polls("sync", clock, 20.0)
    assert len(clock.pauses) == len(polls) - 1


def test_a_receiver_that_is_gone_counts_no_more() -> None:
    """The registry keeps no receiver alive."""
    receiver = _Receiver()
    notifications.notifier.add_source(receiver)
    del receiver
    clock = _Script(1e9, lambda: None)
    assert len(_polls("sync", clock, 20.0)) == len(clock.pauses) + 1


def test_a_time_to_wait_is_kept() -> None:
    """After a poll that was refused with Retry-After, a notification does not shorten the pause."""
    receiver = _Receiver()
    notifications.notifier.add_source(receiver)
    fault = Fault("shape_before", operation="get_custom_voice", shape="429 with seconds to wait", times=1)
    clock = _Script(0.5, lambda: notifications.notifier.notify(VoiceTask(external_task_id="order-17")))
    assert _polls("sync", clock, 0.0, fault)[1] >= 2


def test_a_wait_that_ended_listens_no_more() -> None:
    """Every end of a wait removes its listener."""
    with open_client("sync", MockGateway(API_KEY, creation_seconds=1e6).handle) as call:
        task = call("create_voice", "Ada", voice_url=URL)
        with pytest.raises(WaitTimeoutError):
            call("wait", task, timeout=0)
    assert notifications.notifier._listeners == set()


@pytest.fixture
def _rare_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that is not woken polls after half a minute, which is longer than these tests may take."""
    monkeypatch.setattr(retry, "FIRST_POLL_DELAY", 40.0)
    monkeypatch.setattr(retry, "MAX_POLL_DELAY", 40.0)


@pytest.mark.usefixtures("_rare_polls")
def test_a_callback_wakes_a_wait_in_another_thread() -> None:
    """With the system's clock, a blocking wait in another thread returns soon after the callback."""
    receiver = Receiver()
    gateway = MockGateway(creation_seconds=0.3)
    with httpx.Client(transport=httpx.MockTransport(gateway.handle)) as http:
        client = KlingVoices("mock-key", gateway="mock", http_client=http)
        receiver.app = CallbackApp(client, token=TOKEN, on_task=receiver.tasks.append)
        task = client.create_voice("Ada", voice_url=URL)
        done: list[float] = []

        def wait() -> None:
            client.wait(task, timeout=600)
            done.append(time.monotonic())

        start = time.monotonic()
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.35)
        anyio.run(receiver.post, older(task.task_id or ""))
        thread.join()
    assert done[0] - start < 20
    assert receiver.statuses == ["succeed"]


@pytest.mark.anyio
@pytest.mark.usefixtures("_rare_polls")
async def test_a_callback_wakes_a_wait_in_the_same_loop() -> None:
    """The same on one event loop, with an asynchronous client."""
    receiver = Receiver()
    gateway = MockGateway(creation_seconds=0.2)
    http = httpx.AsyncClient(transport=httpx.MockTransport(gateway.handle))
    client = AsyncKlingVoices("mock-key", gateway="mock", http_client=http, clock=SystemClock())
    receiver.app = CallbackApp(client, token=TOKEN, on_task=receiver.tasks.append)
    task = await client.create_voice("Ada", voice_url=URL)

    async def call_back() -> None:
        await anyio.sleep(0.25)
        await receiver.post(older(task.task_id or ""))

    start = time.monotonic()
    async with anyio.create_task_group() as group:
        group.start_soon(call_back)
        assert (await client.wait(task, timeout=600)).succeeded
    assert time.monotonic() - start < 20
