"""Minimum counts of a provider run: a run without failures proves nothing unless enough was sent.

Each threshold is a count of the run and its minimum. Thresholds are derived from the contract, so that a new operation
or state gets its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.spec.operations import operations

from .provider import ProviderRun

MINIMUM_CASES = 600
MINIMUM_PER_OUTCOME = 15  # accepted requests, and refused ones, per operation
MINIMUM_SHARE_ACCEPTED = 0.1  # per operation

# schemathesis does not reach these reliably: 429 and 5xx need a fault, 403 needs a preset, and 405 is counted for one
# operation of a path only. `test_boundaries.py` covers them all.
_NOT_BY_GENERATION = {"429", "default", "403", "405"}
# A task fails only when its audio is bad. `test_state_machine.py` covers that state.
_NOT_BY_GENERATED_AUDIO = {"failed"}


class Threshold(NamedTuple):
    """A count of a run, and its minimum."""

    name: str
    measured: float
    minimum: float

    @property
    def is_passed(self) -> bool:
        """Whether the minimum was reached."""
        return self.measured >= self.minimum


def thresholds(run: ProviderRun, contract: dict[str, Any]) -> list[Threshold]:
    """Every threshold that the contract sets for a run."""
    found = [Threshold("requests sent", run.cases, MINIMUM_CASES)]
    names = [operation["operationId"] for _, _, operation in operations(contract)]
    found.append(Threshold("operations in the contract", len(names), 5))
    for _, _, operation in operations(contract):
        name = operation["operationId"]
        sent = sum(count for (of, _), count in run.statuses.items() if of == name)
        found.append(Threshold(f"{name}: accepted", run.accepted(name), MINIMUM_PER_OUTCOME))
        found.append(Threshold(f"{name}: refused", run.refused(name), MINIMUM_PER_OUTCOME))
        found.append(
            Threshold(f"{name}: share accepted", run.accepted(name) / sent if sent else 0.0, MINIMUM_SHARE_ACCEPTED)
        )
        found += [
            Threshold(f"{name}: status {status}", run.statuses[name, int(status)], 1)
            for status in sorted(operation["responses"])
            if status not in _NOT_BY_GENERATION
        ]
    found += [Threshold(f"task state {state}", run.states[state], 5) for state in sorted(_states(contract))]
    found += [Threshold(f"branch {branch}", run.branches[branch], 5) for branch in sorted(_branches(contract))]
    return found


def _states(contract: dict[str, Any]) -> set[str]:
    task = contract.get("components", {}).get("schemas", {}).get("Task", {})
    return set(task.get("properties", {}).get("task_status", {}).get("enum", ())) - _NOT_BY_GENERATED_AUDIO


def _branches(contract: dict[str, Any]) -> set[str]:
    bodies = (
        operation["requestBody"]["content"]["application/json"]["schema"]
        for _, _, operation in operations(contract)
        if "requestBody" in operation
    )
    return {branch["title"] for schema in bodies for branch in schema.get("oneOf", [])}
