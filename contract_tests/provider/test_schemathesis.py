"""The mock gateway against the contract with schemathesis: all phases and checks, and minimum counts."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import Any

import pytest
from kling_voices.mock import Fault, MockGateway

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations
from contract_tests.harness.provider import RandomlyAdvancingClock, run_provider
from contract_tests.harness.provider_run import ProviderRun
from contract_tests.harness.thresholds import thresholds
from contract_tests.report import collected
from tests.support.servers import serve

PHASES = {"examples", "coverage", "fuzzing", "stateful"}
SEED = int(os.environ.get("CONTRACT_SEED", "1"))


def _run(**options: Any) -> ProviderRun:
    faults = options.pop("faults", ())
    gateway = MockGateway(clock=RandomlyAdvancingClock(seed=SEED), creation_seconds=2.0, faults=faults)
    return run_provider(gateway, **{"document": CONTRACT, "api_key": "mock-key", "seed": SEED, **options})


def _failed_thresholds(run: ProviderRun, document: dict[str, Any] = CONTRACT) -> list[str]:
    return [threshold.name for threshold in thresholds(run, document) if not threshold.is_passed]


def test_the_whole_contract(request: pytest.FixtureRequest) -> None:
    """No check fails in any phase, and every operation, status and branch of a body occurred often enough.

    This is one test, because it uses one run, which the report shows.
    """
    run = _run()
    request.config.stash[collected.PROVIDER_RUN] = run
    assert (run.failures, run.errors) == ([], [])
    assert {name: run.phases.get(name) for name in PHASES} == dict.fromkeys(PHASES, "success")
    assert [threshold for threshold in thresholds(run, CONTRACT) if not threshold.is_passed] == []


def test_over_a_socket() -> None:
    """A smaller run over HTTP: the server follows the contract like the ASGI app, for every operation."""
    gateway = MockGateway(clock=RandomlyAdvancingClock(), creation_seconds=0.5)
    with serve(gateway) as base_url:
        run = run_provider(base_url, CONTRACT, api_key="mock-key", max_examples=5)
    assert (run.failures, run.errors) == ([], [])
    assert {name: run.phases.get(name) for name in PHASES} == dict.fromkeys(PHASES, "success")
    for operation in read_operations(CONTRACT):
        assert min(run.accepted(operation.name), run.rejected(operation.name)) >= 1, operation.name


def test_a_run_with_a_wrong_key_fails() -> None:
    """With a wrong key no request of any operation is accepted, and the thresholds report it."""
    run = _run(api_key="wrong", max_examples=2)
    assert {f"{operation.name}: accepted" for operation in read_operations(CONTRACT)} <= {*_failed_thresholds(run)}


def test_an_empty_contract_fails() -> None:
    """Without operations there are no requests, and the thresholds report it."""
    empty = {**deepcopy(CONTRACT), "paths": {}}
    assert _failed_thresholds(ProviderRun(), empty) == ["operations in the contract", "kinds of tasks in the contract"]


def test_a_faulty_gateway_fails() -> None:
    """If one create in three is answered with HTML, checks fail, with the request as cURL and without the key."""
    html = Fault("shape_before", operation="create_custom_voice", rate=0.3, shape="HTML 200")
    run = _run(max_examples=10, faults=[html])
    assert {failure.operation_id for failure in run.failures} >= {"create_custom_voice"}
    for failure in run.failures:
        assert "curl -X " in failure.sent.curl
        assert "mock-key" not in f"{failure}"
