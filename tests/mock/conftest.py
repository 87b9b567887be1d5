"""Fixtures of the mock gateway's tests."""

from __future__ import annotations

import pytest
from kling_voices.mock import MockGateway, VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that both mock and test can advance."""
    return VirtualClock()


@pytest.fixture
def gateway(clock: VirtualClock) -> MockGateway:
    """A mock whose tasks take ten seconds."""
    return MockGateway(clock=clock, creation_seconds=10)
