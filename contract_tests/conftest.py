"""The harness runs offline and seeded: the same cases on every machine. With --contract-report it leaves a report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from contract_tests.harness.sent import Watch
from contract_tests.report import collected, page

settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
# Other cases each time, or those of --hypothesis-seed: to look for false alarms, and for what one seed does not draw.
settings.register_profile("seeds", parent=settings.get_profile("default"), derandomize=False, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the report goes."""
    parser.addoption("--contract-report", metavar="FOLDER", type=Path, help="leave a report of the run in this folder")


class Reporter:
    """Collects the outcomes of a run, and writes the page at its end."""

    def __init__(self, config: pytest.Config, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._collected = collected.Collected()
        self._watch = Watch()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Remember what each module says it is about."""
        for item in items:
            if isinstance(item, pytest.Function) and item.module.__doc__:
                self._collected.docs[item.nodeid.partition("::")[0]] = item.module.__doc__.split("\n\n")[0]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """See the requests of one test."""
        self._watch.forget()
        with self._watch.watching():
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a phase of a test."""
        self._collected.add(report, self._watch.last())

    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        run = self._config.stash.get(collected.PROVIDER_RUN, None)
        if run is not None:
            self._collected.run = run
        self._collected.read_scoreboard(self._config.rootpath / "build" / "mutants" / "scoreboard.json")
        print(f"\nreport: {page.write(self._collected, self._folder)}")


def pytest_configure(config: pytest.Config) -> None:
    """Report where a report is wanted."""
    folder = config.getoption("--contract-report", None)
    if folder is not None:
        config.pluginmanager.register(Reporter(config, folder), "contract-report")
