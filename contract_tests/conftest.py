"""The contract tests run offline and use the same examples on every machine. `--contract-report` writes a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import garbage, hypothesis_profiles, interrupts

hypothesis_profiles.load()
interrupts.restore()


def pytest_collection_finish() -> None:
    """Make garbage collections faster, now that the tests are imported."""
    garbage.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the harness."""
    parser.addoption("--contract-report", metavar="FOLDER", type=Path, help="write a report of the run to this folder")
    parser.addoption("--kills", type=int, help="how often contract_tests/bulk kills a batch")


def pytest_configure(config: pytest.Config) -> None:
    """Write a report if the option is given."""
    folder = config.getoption("--contract-report", None)
    if folder is not None:
        from contract_tests.report import plugin  # imports schemathesis, which takes a second

        plugin.register(config, folder)
