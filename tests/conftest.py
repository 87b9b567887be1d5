"""Tests run offline, with no keys in the environment, and draw the same examples on every machine."""

from __future__ import annotations

import pytest

from .support import hypothesis_profiles
from .support.clients import KINDS, Kind

hypothesis_profiles.load()


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAINHUB_API_KEY", "KKIAI_API_KEY", "KLING_API_KEY", "KLING_GATEWAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """The kind of client, and its transport."""
    chosen: Kind = request.param
    return chosen
