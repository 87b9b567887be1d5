"""New pages bring their own tests: on a copy of the project with the pages, every family of tests covers them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kling_voices._protocol.task_pattern import find_task_operations
from kling_voices.mock import MockGateway, VirtualClock
from pipeline.facts.wrapper import SENDS

from contract_tests.harness.boundary import respond, rows, violation
from contract_tests.harness.links import link_targets
from contract_tests.harness.operations import read_operations, read_task_kinds
from contract_tests.harness.provider import RandomlyAdvancingClock, run_provider
from contract_tests.harness.provider_run import ProviderRun
from contract_tests.harness.thresholds import thresholds
from tests.pages import copy_project
from tests.support.repository import ROOT

PAGES = sorted((Path(__file__).parent / "pages").glob("*.yaml"))
ADDED = {
    "GET /kling/account/costs",
    "GET /kling/v1/general/styles",
    "GET /kling/v1/videos/text2video",
    "GET /kling/v1/videos/text2video/{task_id}",
    "GET /kling/v2/videos/lip-sync/{id}",
    "POST /kling/v1/videos/text2video",
    "POST /kling/v2/videos/lip-sync",
}
# The modules whose tests use the installed generated client.
CLIENT_TESTS = (
    "contract_tests/consumer/test_call.py",
    "contract_tests/client_and_mock/test_task_kinds.py::test_model_mock_and_client_agree",
    "contract_tests/client_and_mock/test_task_kinds.py::test_the_client_finds_the_same_kinds",
    "contract_tests/client_and_mock/test_differential.py::test_call_contract_and_mock_agree",
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `generated/` after the pages were ingested into the documents that were first supplied.

    The project itself may already have such pages.
    """
    scratch = copy_project(tmp_path_factory.mktemp("project"))
    folders = ("--openapi", scratch / "openapi", "--generated", scratch / "generated")
    command = [sys.executable, ROOT / "openapi" / "regenerate.py", *folders, *PAGES]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return scratch / "generated"


@pytest.fixture(scope="module")
def contract(generated: Path) -> dict[str, Any]:
    """The contract with the operations of the pages."""
    text = (generated / "kling_gateway" / "contract.json").read_text(encoding="utf-8")
    compiled: dict[str, Any] = json.loads(text)
    return compiled


def _added(contract: dict[str, Any]) -> dict[str, str]:
    """The names of the added operations, by method and path."""
    added = [operation for operation in read_operations(contract) if operation.name not in SENDS]
    return {f"{operation.method} {operation.path}": operation.name for operation in added}


def test_the_operations_are_found(contract: dict[str, Any]) -> None:
    """The contract has the added operations, and two added kinds of tasks, which the client recognises, too."""
    added = _added(contract)
    assert added.keys() == ADDED
    kinds = {kind.name for kind in read_task_kinds(contract)}
    assert kinds == {
        "create_custom_voice",
        added["POST /kling/v1/videos/text2video"],
        added["POST /kling/v2/videos/lip-sync"],
    }
    assert find_task_operations(contract).keys() == kinds


def test_boundaries(contract: dict[str, Any]) -> None:
    """Every added operation has accepted and rejected boundary requests, and the mock gateway follows the contract."""
    added, gateway = set(_added(contract).values()), MockGateway(clock=VirtualClock(), contract=contract)
    table = [row for row in rows(contract) if row.operation.name in added]
    assert [problem for row in table if (problem := violation(row, respond(gateway, row)))] == []
    for name in added:
        sides = [row.is_accepted for row in table if row.operation.name == name]
        assert sides.count(True) >= 2
        assert sides.count(False) >= 10


def test_schemathesis(contract: dict[str, Any]) -> None:
    """Schemathesis finds no failure, and every operation had accepted and rejected requests."""
    gateway = MockGateway(clock=RandomlyAdvancingClock(), creation_seconds=0.5, contract=contract)
    run = run_provider(gateway, contract, api_key="mock-key", max_examples=4)
    assert (run.failures, run.errors) == ([], [])
    queries = {kind.query.name for kind in read_task_kinds(contract)}
    for operation in read_operations(contract):
        assert run.rejected(operation.name) >= 1, operation.name
        assert run.accepted(operation.name) >= 1 or operation.name in queries, operation.name


def test_thresholds(contract: dict[str, Any]) -> None:
    """Every added operation and kind of task has minimum counts, which an empty run does not reach."""
    failed = {threshold.name for threshold in thresholds(ProviderRun(), contract) if not threshold.is_passed}
    for name in _added(contract).values():
        assert {f"{name}: accepted", f"{name}: rejected"} <= failed
        assert (f"{name}: share accepted" in failed) == (name not in link_targets(contract))
    for kind in read_task_kinds(contract):
        assert f"{kind.name}: queries that found a task" in failed
        assert any(name.startswith(f"{kind.name}: task status ") for name in failed)


def test_clients(generated: Path, contract: dict[str, Any]) -> None:
    """With the client that was generated from the pages, its tests cover every added operation, and pass."""
    environment = {**os.environ, "PYTHONPATH": str(generated), "HYPOTHESIS_PROFILE": "quick"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "--no-header",
        "-k",
        "not asyncio and not trio and not aiohttp",
        *CLIENT_TESTS,
    ]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-3000:]
    passed = re.findall(r"::(\w+)\[([\w-]+)\] PASSED", finished.stdout)
    for name in _added(contract).values():
        assert {"test_requests_follow_the_contract", "test_near_misses", "test_every_error_shape"} <= {
            test for test, parameters in passed if name in parameters.split("-")
        }, name
    for kind in read_task_kinds(contract):
        machines = [test for test, parameters in passed if parameters.endswith(f"-{kind.name}")]
        assert "test_model_mock_and_client_agree" in machines
