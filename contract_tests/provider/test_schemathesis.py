"""The mock gateway, held to the contract by schemathesis: every phase, every check, and gates against vacuity."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import Any

import pytest
from kling_voices.mock import Fault, MockGateway

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.provider import ProviderRun, TickingClock, run_provider
from contract_tests.harness.thresholds import Threshold as Gate
from contract_tests.harness.thresholds import thresholds as gates
from contract_tests.report import collected
from tests.support.servers import serve as served

PHASES = {"examples", "coverage", "fuzzing", "stateful"}


SEED = int(os.environ.get("CONTRACT_SEED", "1"))


def _run(**options: Any) -> ProviderRun:
    faults = options.pop("faults", ())
    gateway = MockGateway(clock=TickingClock(seed=SEED), creation_seconds=0.5, faults=faults)
    return run_provider(gateway, **{"document": CONTRACT, "api_key": "mock-key", "seed": SEED, **options})


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest) -> ProviderRun:
    """One run, looked at from several sides, and shown in the report."""
    made = _run()
    request.config.stash[collected.PROVIDER_RUN] = made
    return made


def test_the_mock_keeps_the_contract(run: ProviderRun) -> None:
    """No check of schemathesis fails on any request that it makes."""
    assert (run.failures, run.errors) == ([], [])


def test_every_phase_ran(run: ProviderRun) -> None:
    """Examples, coverage, fuzzing and stateful all ran, and none was skipped."""
    assert {name: run.phases.get(name) for name in PHASES} == dict.fromkeys(PHASES, "success")


def test_the_run_proved_enough(run: ProviderRun) -> None:
    """Every operation was accepted and refused in number, every status, state and branch was met."""
    assert [gate for gate in gates(run, CONTRACT) if not gate.is_passed] == []


def test_over_a_socket() -> None:
    """A smaller run over HTTP: the server keeps the contract as the app does, for accepted and refused requests."""
    gateway = MockGateway(clock=TickingClock(), creation_seconds=0.5)
    with served(gateway) as base_url:
        run = run_provider(base_url, CONTRACT, api_key="mock-key", max_examples=5)
    assert (run.failures, run.errors) == ([], [])
    assert {name: run.phases.get(name) for name in PHASES} == dict.fromkeys(PHASES, "success")
    for name in ("create_custom_voice", "list_custom_voices", "list_preset_voices"):
        assert min(run.accepted(name), run.refused(name)) >= 5


def _shut(run: ProviderRun, document: dict[str, Any] = CONTRACT) -> list[Gate]:
    return [gate for gate in gates(run, document) if not gate.is_passed]


def test_a_run_without_the_key_is_red() -> None:
    """With a wrong key every answer is 401: nothing is accepted, and the gates say so."""
    run = _run(api_key="wrong", max_examples=5)
    assert {f"{name}: accepted" for name in ("create_custom_voice", "get_custom_voice")} <= {g.name for g in _shut(run)}


def test_an_empty_contract_is_red() -> None:
    """A contract without operations gives no requests, and the gates say so."""
    empty = {**deepcopy(CONTRACT), "paths": {}}
    assert {gate.name for gate in _shut(ProviderRun(), empty)} >= {"requests sent", "operations in the contract"}


def test_a_gateway_that_fails_is_red() -> None:
    """A mock that answers one create in three with HTML is seen, with the request to show it and without the key."""
    html = Fault("shape_before", operation="create_custom_voice", rate=0.3, shape="HTML 200")
    run = _run(max_examples=10, faults=[html])
    assert {failure.operation_id for failure in run.failures} >= {"create_custom_voice"}
    for failure in run.failures:
        assert "curl -X " in failure.sent.curl
        assert "mock-key" not in f"{failure}"
