"""Minimum counts of a provider run, because a run without failures proves nothing if too little was sent.

The thresholds are derived from the contract: every operation, documented status, kind of task and branch of a request
body has its own, so that a new operation brings its thresholds with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .links import link_targets
from .operations import Operation, TaskKind, property_schemas, read_operations, read_task_kinds
from .provider_run import ProviderRun

MINIMUM_OPERATIONS = 5
MINIMUM_PER_OUTCOME = 15  # accepted requests, and rejected ones, for each operation
MINIMUM_SHARE_ACCEPTED = 0.1  # for each operation
MINIMUM_ACCEPTED_OF_LINKED = 3  # for operations on something that exists, which only long chains reach
MINIMUM_PER_STATE = 3  # for each kind of task and each status of its tasks
MINIMUM_PER_BRANCH = 5  # for each branch of each request body

# schemathesis does not reach these reliably: 429 and 5xx need a fault, 403 needs a preset, and 405 is counted for one
# operation of a path only. `test_boundaries.py` covers them all.
_NOT_GENERATED = {"429", "default", "403", "405"}
# Tasks fail only because of their input, and generated input does not name it. `test_state_machine.py` covers failures.
_NOT_GENERATED_STATES = {"failed"}


class Threshold(NamedTuple):
    """A count of a run, and its minimum."""

    name: str
    measured: float
    minimum: float

    @property
    def is_passed(self) -> bool:
        """Whether the minimum was reached."""
        return self.measured >= self.minimum


def thresholds(run: ProviderRun, document: dict[str, Any]) -> list[Threshold]:
    """All thresholds that a contract sets for a run."""
    operations = read_operations(document)
    found = [Threshold("operations in the contract", len(operations), MINIMUM_OPERATIONS)]
    linked = link_targets(document)
    for operation in operations:
        found += _of_operation(run, operation, is_linked=operation.name in linked)
    kinds = read_task_kinds(document)
    found.append(Threshold("kinds of tasks in the contract", len(kinds), 1))
    for kind in kinds:
        found += _of_task_kind(run, kind)
    return found


def _of_operation(run: ProviderRun, operation: Operation, *, is_linked: bool) -> Iterator[Threshold]:
    name = operation.name
    accepted, sent = run.accepted(name), run.sent(name)
    yield Threshold(f"{name}: accepted", accepted, MINIMUM_ACCEPTED_OF_LINKED if is_linked else MINIMUM_PER_OUTCOME)
    yield Threshold(f"{name}: rejected", run.rejected(name), MINIMUM_PER_OUTCOME)
    if not is_linked:  # most ids that are generated do not exist
        yield Threshold(f"{name}: share accepted", accepted / sent if sent else 0.0, MINIMUM_SHARE_ACCEPTED)
    for status in sorted(operation.responses.keys() - _NOT_GENERATED):
        yield Threshold(f"{name}: status {status}", run.statuses[name, int(status)], 1)
    for branch in operation.body.schema.get("oneOf", ()) if operation.body else ():
        # A branch is identified by the required field that the other branches do not require.
        for field in _distinguishing_fields(operation, branch):
            yield Threshold(f"{name}: accepted with {field}", run.sent_fields[name, field], MINIMUM_PER_BRANCH)


def _of_task_kind(run: ProviderRun, kind: TaskKind) -> Iterator[Threshold]:
    for state in sorted(_states(kind.query) - _NOT_GENERATED_STATES):
        responses = sum(
            run.states[operation.name, state] for operation in (kind.create, kind.query, kind.list) if operation
        )
        yield Threshold(f"{kind.name}: task status {state}", responses, MINIMUM_PER_STATE)
    yield Threshold(f"{kind.name}: queries that found a task", run.accepted(kind.query.name), MINIMUM_PER_OUTCOME)


def _distinguishing_fields(operation: Operation, branch: dict[str, Any]) -> list[str]:
    assert operation.body is not None
    others = [other for other in operation.body.schema["oneOf"] if other is not branch]
    return [
        name for name in branch.get("required", ()) if not any(name in other.get("required", ()) for other in others)
    ]


def _states(query: Operation) -> set[str]:
    """The task statuses that the contract lists; all documented ones if it lists none."""
    return set(_enums(query.document, query.response_schema(), "task_status")) or {"submitted", "processing", "succeed"}


def _enums(document: dict[str, Any], schema: dict[str, Any], name: str, depth: int = 0) -> Iterator[str]:
    for key, member in property_schemas(schema, document).items():
        if key == name:
            yield from member.get("enum", ())
        elif depth < 4:
            yield from _enums(document, member, name, depth + 1)
