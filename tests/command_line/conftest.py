"""Commands run without sleeping."""

from __future__ import annotations

import pytest
from kling_voices.mock import MockGateway, VirtualClock

from .running import use_gateway


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    """One virtual clock for the client and the embedded mock gateway."""
    clock = VirtualClock()
    for module in ("kling_voices._sync_client", "kling_voices.mock._gateway"):
        monkeypatch.setattr(f"{module}.SystemClock", lambda: clock)
    return clock


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> MockGateway:
    """A mock gateway that creates voices at once, and that all commands with `--gateway mock` talk to."""
    return use_gateway(monkeypatch, MockGateway(clock=clock, creation_seconds=0))
