"""The results of a run of schemathesis, as data. This module does not import schemathesis, which takes a second."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from attrs import define, field

from .recorded_request import RecordedRequest


class Failure(NamedTuple):
    """A failed check, and the request that shows it."""

    check: str
    message: str
    operation_id: str
    sent: RecordedRequest


@define
class ProviderRun:
    """Counts of requests and responses, and the failed checks."""

    seconds: float = 0.0
    phases: dict[str, str] = field(factory=dict)  # status by phase
    statuses: Counter[tuple[str, int]] = field(factory=Counter)  # responses by operationId and status
    states: Counter[tuple[str, str]] = field(factory=Counter)  # responses by operationId and task status
    sent_fields: Counter[tuple[str, str]] = field(factory=Counter)  # accepted bodies by operationId and non-empty field
    failures: list[Failure] = field(factory=list)
    errors: list[str] = field(factory=list)

    @property
    def cases(self) -> int:
        """The number of requests."""
        return self.statuses.total()

    def sent(self, operation_id: str) -> int:
        """The number of requests of an operation."""
        return sum(count for (name, _), count in self.statuses.items() if name == operation_id)

    def accepted(self, operation_id: str) -> int:
        """The number of requests of an operation with a successful response."""
        return self._between(operation_id, 200, 300)

    def rejected(self, operation_id: str) -> int:
        """The number of requests of an operation whose response is a client error."""
        return self._between(operation_id, 400, 500)

    def _between(self, operation_id: str, low: int, high: int) -> int:
        statuses = self.statuses.items()
        return sum(count for (name, status), count in statuses if name == operation_id and low <= status < high)
