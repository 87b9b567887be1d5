"""Ctrl-C while a batch records a response: it is raised afterwards."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_voices import KlingVoices
from kling_voices._bulk.interrupts import deferred_interrupt
from kling_voices._bulk.ledger import Ledger
from kling_voices.mock import MockGateway, VirtualClock

from tests.support import interrupts
from tests.support.batches import KEY, requests, rows


@pytest.fixture(autouse=True)
def _default_handler() -> None:
    interrupts.restore()


def test_it_is_raised_at_the_end() -> None:
    """The block runs to its end, then KeyboardInterrupt is raised; the handler is restored."""
    steps = []

    def step() -> None:
        with deferred_interrupt():
            signal.raise_signal(signal.SIGINT)
            steps.append("end")

    with pytest.raises(KeyboardInterrupt):
        step()
    assert steps == ["end"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_one_is_raised_at_once() -> None:
    """A user who presses Ctrl-C twice does not wait for the end of the block."""
    steps = []

    def step() -> None:
        with deferred_interrupt():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            steps.append("end")

    with pytest.raises(KeyboardInterrupt):
        step()
    assert steps == []


def test_a_handler_of_the_caller_stays() -> None:
    """A handler that the caller has installed is called, and nothing is raised."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: seen.append(number))
    try:
        with deferred_interrupt():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]


@pytest.mark.parametrize("state", ["intended", "accepted"])
def test_a_transition_is_completed(ledger: Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """Ctrl-C in the middle of a transition: each create that was sent is recorded, and each recorded one was sent."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9, parallel_tasks=3)
    advance = Ledger.advance
    interruptions: list[str] = []

    def interrupted(self: Ledger, external_task_id: str, to: Any, **fields: Any) -> bool:
        if to == state and len(gateway.tasks) >= 2 and not interruptions:
            interruptions.append(external_task_id)
            signal.raise_signal(signal.SIGINT)
        return advance(self, external_task_id, to, **fields)

    monkeypatch.setattr(Ledger, "advance", interrupted)
    with httpx.Client(transport=httpx.MockTransport(gateway.handle)) as http:
        client = KlingVoices(KEY, gateway="mock", http_client=http, clock=clock)
        with pytest.raises(KeyboardInterrupt):
            list(client.create_many(requests(9), ledger=ledger))
    states = [row["state"] for row in rows(ledger)]
    assert set(states) <= {"planned", "accepted", "succeeded"}
    assert len(gateway.tasks) == sum(each != "planned" for each in states)
