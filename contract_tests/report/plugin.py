"""The pytest plugin that writes the report of a run, also of one that is distributed by pytest-xdist.

Under xdist, workers run the tests and the controller writes the report. A worker attaches the last request of a failed
test to its test report, and sends the provider run when it ends.
"""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.harness.recorded_request import RecordedRequest
from tests.support.last_request import last_request

from . import collected, page

_OUTPUT = "provider_run"


def register(config: pytest.Config, folder: Path) -> None:
    """Record the tests of this process. Write the report unless this process is a worker of pytest-xdist."""
    config.pluginmanager.register(Recorder(config), "contract-recorder")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(config, folder), "contract-report")


class Recorder:
    """Attaches the last request of a failed test to its test report."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_setup(self) -> None:
        """Forget the requests of the test before."""
        last_request.forget()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[None]:
        """Attach the request as a plain tuple, because reports are sent to the controller as plain data."""
        report: Any = yield
        request = last_request.request if report.failed else None
        report.last_request = tuple(RecordedRequest.from_httpx(request)) if request else None
        return report  # type: ignore[no-any-return]

    def pytest_sessionfinish(self) -> None:
        """Send the provider run to the controller."""
        run = self._config.stash.get(collected.PROVIDER_RUN, None)
        if run is not None and hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_OUTPUT] = pickle.dumps(run)


class Reporter:
    """Collects the outcomes of a run and writes the page when it ends."""

    def __init__(self, config: pytest.Config, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._collected = collected.Collected()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase of a test."""
        last = getattr(report, "last_request", None)  # also None if a worker crashed
        self._collected.add(report, RecordedRequest(*last) if last else None)
        module = report.nodeid.partition("::")[0]
        if module not in self._collected.docs:
            self._collected.docs[module] = _first_paragraph(self._config.rootpath / module)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Receive the provider run from the worker that made it."""
        pickled = getattr(node, "workeroutput", {}).get(_OUTPUT)
        if pickled is not None:
            self._config.stash[collected.PROVIDER_RUN] = pickle.loads(pickled)

    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        run = self._config.stash.get(collected.PROVIDER_RUN, None)
        if run is not None:
            self._collected.run = run
        self._collected.read_scoreboard(self._config.rootpath / "build" / "mutants" / "scoreboard.json")
        page.write(self._collected, self._folder)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the path of the page."""
        terminalreporter.write_line(f"report: {self._folder / 'index.html'}")


def _first_paragraph(module: Path) -> str:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0]
