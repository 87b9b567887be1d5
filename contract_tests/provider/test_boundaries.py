"""The mock gateway on the boundary table: each bound of the contract, for every operation."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest
from kling_voices.mock import Fault, MockGateway, VirtualClock

from contract_tests.harness.boundary import respond, rows, valid_request, violation
from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations, read_task_kinds

OPERATIONS = {operation.name: operation for operation in read_operations(CONTRACT)}
ROWS = {name: [row for row in rows(CONTRACT) if row.operation.name == name] for name in OPERATIONS}
MINIMUM_ACCEPTED, MINIMUM_REJECTED = 2, 10  # rows of each operation


@pytest.mark.parametrize("name", OPERATIONS)
def test_rows(name: str) -> None:
    """For each row: the status is one that the contract allows, and the body is as described for that status."""
    gateway = MockGateway(clock=VirtualClock())
    assert [problem for row in ROWS[name] if (problem := violation(row, respond(gateway, row)))] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_enough_rows(name: str) -> None:
    """The table has accepted and rejected requests for every operation, and all names differ."""
    sides = Counter(row.is_accepted for row in ROWS[name])
    assert sides[True] >= MINIMUM_ACCEPTED
    assert sides[False] >= MINIMUM_REJECTED
    assert len({row.name for row in ROWS[name]}) == len(ROWS[name])


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shape", ["kling 429 1302", "kling 500 5000", "kling 503 5001"])
def test_failures_are_as_described(name: str, shape: str) -> None:
    """Kling's responses to too many requests and its failures are valid by the contract."""
    row = ROWS[name][0]
    gateway = MockGateway(clock=VirtualClock(), faults=[Fault("shape_before", shape=shape)])
    response = respond(gateway, row)
    assert violation(row._replace(allowed=frozenset({response.status_code})), response) is None


def _statuses_after_a_create() -> set[tuple[str, str]]:
    """The statuses of requests that need a task: its query, and the deletion of its voice and of a preset."""
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=0)
    seen = set()
    for kind in read_task_kinds(CONTRACT):
        created = json.loads(respond(gateway, valid_request(kind.create)).read())["data"]
        path = kind.query.path.replace(f"{{{next(iter(kind.query.parameters_in('path')))}}}", created["task_id"])
        seen.add((kind.query.name, str(respond(gateway, valid_request(kind.query)._replace(path=path)).status_code)))
    delete = valid_request(OPERATIONS["delete_custom_voice"])
    preset = json.loads(respond(gateway, valid_request(OPERATIONS["list_preset_voices"])).read())["data"][0]
    task = json.loads(respond(gateway, valid_request(OPERATIONS["list_custom_voices"])).read())["data"][0]
    for described in (preset, task):
        content = json.dumps({"voice_id": described["task_result"]["voices"][0]["voice_id"]}).encode()
        seen.add(("delete_custom_voice", str(respond(gateway, delete._replace(content=content)).status_code)))
    return seen


def test_every_documented_status_occurs() -> None:
    """Every status that an operation documents is the response to some row, or to a fault."""
    gateway = MockGateway(clock=VirtualClock())
    seen = {(name, str(respond(gateway, row).status_code)) for name, table in ROWS.items() for row in table}
    seen |= {(name, status) for name in OPERATIONS for status in ("429", "default")}  # by the faults above
    seen |= _statuses_after_a_create()
    documented = {(name, status) for name, operation in OPERATIONS.items() for status in operation.responses}
    assert documented - seen == set()


def test_a_wrong_status_is_noticed() -> None:
    """The comparison fails for a wrong status and for a wrong body: it can fail."""
    row = valid_request(OPERATIONS["list_preset_voices"])
    valid_body = {"code": 5000, "message": "failed", "request_id": "r"}
    wrong: list[Any] = [httpx.Response(500, json=valid_body), httpx.Response(200, json={"code": 0})]
    assert [violation(row, response) is None for response in wrong] == [False, False]
