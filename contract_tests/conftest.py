"""The harness runs offline and draws the same cases on every machine. With --contract-report it writes a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.report import plugin
from tests.support import hypothesis_profiles

hypothesis_profiles.load()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the report goes, and how thorough slow tests are."""
    parser.addoption("--contract-report", metavar="FOLDER", type=Path, help="write a report of the run to this folder")
    parser.addoption("--kills", type=int, default=8, help="how often contract_tests/bulk kills a batch (default: 8)")


def pytest_configure(config: pytest.Config) -> None:
    """Write a report where one is wanted."""
    folder = config.getoption("--contract-report", None)
    if folder is not None:
        plugin.register(config, folder)
