"""What a run of pytest leaves to be reported: outcomes by test, the provider run, the thresholds, the scoreboard."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen
from kling_voices._protocol.redaction import redact

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.provider import ProviderRun
from contract_tests.harness.recorded_request import RecordedRequest
from contract_tests.harness.thresholds import Threshold, thresholds

PROVIDER_RUN: pytest.StashKey[ProviderRun] = pytest.StashKey()


@frozen
class Failed:
    """A test that failed, and the last request that it made; without secrets."""

    name: str
    text: str
    sent: RecordedRequest | None = None


@define
class Collected:
    """A run, as data."""

    outcomes: Counter[tuple[str, str]] = field(factory=Counter)  # (module, outcome) → tests
    docs: dict[str, str] = field(factory=dict)  # module → what it holds to what
    seconds: float = 0.0
    failed: list[Failed] = field(factory=list)
    run: ProviderRun = field(factory=ProviderRun)
    faults: list[dict[str, Any]] = field(factory=list)

    @property
    def thresholds(self) -> list[Threshold]:
        """The thresholds of the provider run; none where it did not run."""
        return thresholds(self.run, CONTRACT) if self.run.cases else []

    @property
    def is_green(self) -> bool:
        """Whether nothing failed, and enough was tried."""
        return not self.failed and bool(self.outcomes) and all(threshold.is_passed for threshold in self.thresholds)

    def add(self, report: pytest.TestReport, sent: RecordedRequest | None = None) -> None:
        """Count a phase of a test: its call, or whatever else did not pass; `sent` is its last request."""
        if report.when != "call" and report.outcome == "passed":
            return
        module = report.nodeid.partition("::")[0]
        self.outcomes[module, report.outcome] += 1
        self.seconds += report.duration
        if report.failed:
            self.failed.append(Failed(report.nodeid, redact(report.longreprtext)[-4000:], sent))

    def read_scoreboard(self, path: Path) -> None:
        """Take over the last scoreboard, where one was made."""
        if path.exists():
            self.faults = json.loads(path.read_text(encoding="utf-8"))
