"""The mock gateway, held to the compiled contract by schemathesis: every phase, every check."""

from __future__ import annotations

import pytest
from kling_voices.mock import MockGateway
from pipeline.merge import operations

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.provider import ProviderRun, TickingClock, run_provider

OPERATIONS = [operation["operationId"] for _, _, operation in operations(CONTRACT)]
PHASES = {"examples", "coverage", "fuzzing", "stateful"}


@pytest.fixture(scope="module")
def run() -> ProviderRun:
    """One run, looked at from several sides."""
    return run_provider(MockGateway(clock=TickingClock(), creation_seconds=0.5), CONTRACT, api_key="mock-key")


def test_the_mock_keeps_the_contract(run: ProviderRun) -> None:
    """No check of schemathesis fails on any request that it makes."""
    assert (run.failures, run.errors) == ([], [])


def test_every_phase_ran(run: ProviderRun) -> None:
    """Examples, coverage, fuzzing and stateful all ran, and none was skipped."""
    assert {name: run.phases.get(name) for name in PHASES} == dict.fromkeys(PHASES, "success")


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_both_sides_of_every_operation_were_seen(run: ProviderRun, operation_id: str) -> None:
    """Accepted and refused requests both occurred in number: a run that only ever saw 401 proves nothing."""
    accepted, refused = run.accepted(operation_id), run.refused(operation_id)
    assert accepted >= 15, f"only {accepted} requests were accepted"
    assert refused >= 15, f"only {refused} requests were refused"


def test_a_run_without_the_key_is_seen_through() -> None:
    """With a wrong key no request is accepted, so the test above would fail: the gate can fail."""
    run = run_provider(
        MockGateway(clock=TickingClock(), creation_seconds=0.5), CONTRACT, api_key="wrong", max_examples=5
    )
    assert [run.accepted(operation_id) for operation_id in OPERATIONS] == [0] * len(OPERATIONS)
