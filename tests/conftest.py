"""Tests run offline and seeded, with no keys in the environment."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from contract_tests.harness.clients import KINDS, Kind

settings.register_profile("tests", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAINHUB_API_KEY", "KKIAI_API_KEY", "KLING_API_KEY", "KLING_GATEWAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which client, over which transport."""
    chosen: Kind = request.param
    return chosen
