"""The results of a run of pytest: outcomes of tests, the provider run, its thresholds, and the seeded faults."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen
from kling_voices._protocol.redaction import redact

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.provider_run import ProviderRun
from contract_tests.harness.recorded_request import RecordedRequest
from contract_tests.harness.thresholds import Threshold, thresholds
from contract_tests.mutants.catalog import read_faults

PROVIDER_RUN: pytest.StashKey[ProviderRun] = pytest.StashKey()


@frozen
class Failed:
    """A failed test and its last request, without secrets."""

    name: str
    text: str
    sent: RecordedRequest | None = None


@define
class Collected:
    """The results of a run."""

    outcomes: Counter[tuple[str, str]] = field(factory=Counter)  # tests by module and outcome
    docs: dict[str, str] = field(factory=dict)  # the first paragraph of each module's docstring
    seconds: float = 0.0
    failed: list[Failed] = field(factory=list)
    run: ProviderRun = field(factory=ProviderRun)
    faults: list[dict[str, Any]] = field(factory=list)  # the faults of the last run of `nox -s mutants`
    faults_not_run: int = 0  # that run may have been limited to some faults

    @property
    def thresholds(self) -> list[Threshold]:
        """The thresholds of the provider run; none if it did not run."""
        return thresholds(self.run, CONTRACT) if self.run.cases else []

    @property
    def is_green(self) -> bool:
        """Whether at least one test ran, none failed, and all thresholds were reached."""
        return not self.failed and bool(self.outcomes) and all(threshold.is_passed for threshold in self.thresholds)

    def add(self, report: pytest.TestReport, sent: RecordedRequest | None = None) -> None:
        """Count the call of a test, or a setup or teardown that did not pass; `sent` is its last request."""
        if report.when != "call" and report.outcome == "passed":
            return
        module = report.nodeid.partition("::")[0]
        self.outcomes[module, report.outcome] += 1
        self.seconds += report.duration
        if report.failed:
            self.failed.append(Failed(report.nodeid, redact(report.longreprtext)[-4000:], sent))

    def read_scoreboard(self, path: Path) -> None:
        """Read the results of the last `nox -s mutants`, if there are any."""
        if path.exists():
            self.faults = json.loads(path.read_text(encoding="utf-8"))
            run = {(fault["group"], fault["name"]) for fault in self.faults}
            self.faults_not_run = sum((fault.group, fault.name) not in run for fault in read_faults())
