"""Ledgers in tests do not wait for the disk: they survive a killed process, but not a power failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from kling_voices._bulk import ledger_file


@pytest.fixture(autouse=True)
def _fast_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_file, "SYNCHRONOUS", "OFF")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """The path of a new ledger."""
    return tmp_path / "voices.sqlite"
