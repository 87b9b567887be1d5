"""Stopping a batch: `break`, an exception of the caller, cancellation and Ctrl-C all leave a ledger that continues."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
import trio
from kling_voices import AsyncKlingVoices, KlingVoices
from kling_voices.mock import MockGateway, VirtualClock

from tests.support.batches import KEY, RecordingGateway, requests, rows, run_batch, states


class Setting:
    """A gateway that takes 9 s for a voice, and clients for it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.gateway = RecordingGateway(MockGateway(clock=self.clock, creation_seconds=9, parallel_tasks=3))
        self.transport = httpx.MockTransport(self.gateway.handle)

    def sync_client(self, **options: Any) -> KlingVoices:
        """A synchronous client."""
        http = httpx.Client(transport=self.transport)
        return KlingVoices(KEY, gateway="mock", http_client=http, **{"clock": self.clock, **options})

    def async_client(self) -> AsyncKlingVoices:
        """An asynchronous client."""
        http = httpx.AsyncClient(transport=self.transport)
        return AsyncKlingVoices(KEY, gateway="mock", http_client=http, clock=self.clock)

    def continues(self, ledger: Path, *, sent: int) -> None:
        """No more than `sent` creates were sent, nothing is sent in the meantime, and the next run finishes."""
        assert len(self.gateway.gateway.tasks) <= sent
        assert not any(row["owner"] for row in rows(ledger))  # released, so the next run need not wait
        assert {row["state"] for row in rows(ledger)} <= {"planned", "accepted", "succeeded"}
        start = self.clock.monotonic()
        assert states(run_batch("sync", self.gateway, self.clock, requests(12), ledger)) == {"succeeded": 12}
        assert self.clock.monotonic() - start < 60
        assert self.gateway.sent_twice() == []


@pytest.fixture
def setting() -> Setting:
    """A gateway and its clock."""
    return Setting()


def test_break(setting: Setting, ledger: Path) -> None:
    """After `break` nothing more is sent."""
    for _ in setting.sync_client().create_many(requests(12), ledger=ledger, parallel=3):
        break
    setting.continues(ledger, sent=6)


@pytest.mark.parametrize("run", [asyncio.run, trio.run], ids=["asyncio", "trio"])
def test_break_async(setting: Setting, ledger: Path, run: Any) -> None:
    """The same in `async for`, without closing the iterator."""

    async def main() -> None:
        async for _ in setting.async_client().create_many(requests(12), ledger=ledger, parallel=3):
            break
        await anyio.lowlevel.checkpoint()

    run(*([main()] if run is asyncio.run else [main]))
    gc.collect()
    setting.continues(ledger, sent=6)


def test_an_exception_of_the_caller(setting: Setting, ledger: Path) -> None:
    """An error in the loop stops the batch, also while the iterator is still referenced, once it is closed."""
    batch: Any = setting.sync_client().create_many(requests(12), ledger=ledger, parallel=3)

    def fail() -> None:
        with batch:
            raise LookupError(next(batch))

    with pytest.raises(LookupError):
        fail()
    assert list(batch) == []
    setting.continues(ledger, sent=6)


@pytest.mark.parametrize("run", [asyncio.run, trio.run], ids=["asyncio", "trio"])
def test_cancellation(setting: Setting, ledger: Path, run: Any) -> None:
    """A cancelled batch records the creates that were sent, and releases the ledger."""

    async def main() -> None:
        with anyio.CancelScope() as scope:
            async for _ in setting.async_client().create_many(requests(12), ledger=ledger, parallel=3):
                scope.cancel()
        assert scope.cancelled_caught

    run(*([main()] if run is asyncio.run else [main]))
    setting.continues(ledger, sent=9)


@pytest.mark.parametrize("run", [asyncio.run, trio.run], ids=["asyncio", "trio"])
def test_async_with(setting: Setting, ledger: Path, run: Any) -> None:
    """The iterator is an async context manager, too."""

    async def main() -> None:
        batch: Any = setting.async_client().create_many(requests(12), ledger=ledger, parallel=3)
        async with batch:
            await anext(batch)
        with pytest.raises(StopAsyncIteration):
            await anext(batch)

    run(*([main()] if run is asyncio.run else [main]))
    setting.continues(ledger, sent=6)


class InterruptedClock(VirtualClock):
    """Ctrl-C is pressed during the sleep of that number."""

    def __init__(self, interrupted: int) -> None:
        super().__init__()
        self._left = interrupted

    def sleep(self, seconds: float) -> None:
        """Sleep, or be interrupted."""
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt
        super().sleep(seconds)


@pytest.mark.parametrize("sleep", [1, 2, 5, 9])
def test_ctrl_c(setting: Setting, ledger: Path, sleep: int) -> None:
    """Ctrl-C during a wait ends the batch with KeyboardInterrupt, and the ledger continues."""
    clock = InterruptedClock(sleep)
    setting.clock = clock
    setting.gateway.gateway._core.clock = clock
    client = setting.sync_client(clock=clock)
    with pytest.raises(KeyboardInterrupt):
        list(client.create_many(requests(12), ledger=ledger, parallel=3))
    setting.continues(ledger, sent=9)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to this process")
def test_a_response_that_arrives_after_ctrl_c_is_recorded(ledger: Path) -> None:
    """A create in flight when Ctrl-C is pressed is waited for, and its task is in the ledger."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)

    def handle(request: httpx.Request) -> httpx.Response:
        os.kill(os.getpid(), signal.SIGINT)
        while batch._is_open:
            time.sleep(0.001)
        return gateway.handle(request)

    http = httpx.Client(transport=httpx.MockTransport(handle))
    client = KlingVoices(KEY, gateway="mock", http_client=http, clock=clock)
    batch: Any = client.create_many(requests(1), ledger=ledger)
    with pytest.raises(KeyboardInterrupt):
        next(batch)
    (row,) = rows(ledger)
    assert (row["state"], row["task_id"]) == ("accepted", gateway.tasks[0].task_id)
