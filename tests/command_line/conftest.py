"""Commands run without sleeping."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kling_voices.mock import MockGateway, VirtualClock

from tests.support.servers import serve

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


@pytest.fixture
def gateway_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base URL of a mock gateway that creates voices at once, for commands that run as processes."""
    monkeypatch.setenv("KLING_API_KEY", "mock-key")
    with serve(MockGateway(creation_seconds=0)) as base_url:
        yield base_url
