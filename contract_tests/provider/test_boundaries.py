"""The mock gateway on the boundary table: each bound of the contract, for every operation."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest
from kling_voices.mock import Fault, MockGateway, VirtualClock

from contract_tests.harness.boundary import Row, rows, valid_request
from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations, read_task_kinds
from contract_tests.harness.validation import is_valid

OPERATIONS = {operation.name: operation for operation in read_operations(CONTRACT)}
ROWS = {name: [row for row in rows(CONTRACT) if row.operation.name == name] for name in OPERATIONS}
MINIMUM_ACCEPTED, MINIMUM_REJECTED = 2, 10  # rows of each operation


def _respond(gateway: MockGateway, row: Row) -> httpx.Response:
    # Directly to the handler: an httpx client would repair some of what is wrong on purpose.
    request = httpx.Request(row.method, f"http://mock{row.path}", headers=row.headers, content=row.content)
    if row.headers.get("content-type", "") == "" and "content-type" in request.headers:
        del request.headers["content-type"]
    return gateway.handle(request)


def _violation(row: Row, response: httpx.Response) -> str | None:
    """How a response differs from the contract; None if it does not."""
    if response.status_code not in row.allowed:
        return f"{row.name}: the status is {response.status_code}, allowed is {sorted(row.allowed)}"
    body = json.loads(response.read())
    described = row.operation.responses
    if str(response.status_code) not in described and "default" not in described:
        return None  # a page that describes no errors
    schema = row.operation.response_schema(response.status_code)
    return None if is_valid(row.operation.document, schema, body) else f"{row.name}: the body is {body}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_rows(name: str) -> None:
    """For each row: the status is one that the contract allows, and the body is as described for that status."""
    gateway = MockGateway(clock=VirtualClock())
    assert [problem for row in ROWS[name] if (problem := _violation(row, _respond(gateway, row)))] == []


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
    response = _respond(gateway, row)
    assert _violation(row._replace(allowed=frozenset({response.status_code})), response) is None


def _statuses_after_a_create() -> set[tuple[str, str]]:
    """The statuses of requests that need a task: its query, and the deletion of its voice and of a preset."""
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=0)
    seen = set()
    for kind in read_task_kinds(CONTRACT):
        created = json.loads(_respond(gateway, valid_request(kind.create)).read())["data"]
        path = kind.query.path.replace(f"{{{next(iter(kind.query.parameters_in('path')))}}}", created["task_id"])
        seen.add((kind.query.name, str(_respond(gateway, valid_request(kind.query)._replace(path=path)).status_code)))
    delete = valid_request(OPERATIONS["delete_custom_voice"])
    preset = json.loads(_respond(gateway, valid_request(OPERATIONS["list_preset_voices"])).read())["data"][0]
    task = json.loads(_respond(gateway, valid_request(OPERATIONS["list_custom_voices"])).read())["data"][0]
    for described in (preset, task):
        content = json.dumps({"voice_id": described["task_result"]["voices"][0]["voice_id"]}).encode()
        seen.add(("delete_custom_voice", str(_respond(gateway, delete._replace(content=content)).status_code)))
    return seen


def test_every_documented_status_occurs() -> None:
    """Every status that an operation documents is the response to some row, or to a fault."""
    gateway = MockGateway(clock=VirtualClock())
    seen = {(name, str(_respond(gateway, row).status_code)) for name, table in ROWS.items() for row in table}
    seen |= {(name, status) for name in OPERATIONS for status in ("429", "default")}  # by the faults above
    seen |= _statuses_after_a_create()
    documented = {(name, status) for name, operation in OPERATIONS.items() for status in operation.responses}
    assert documented - seen == set()


def test_a_wrong_status_is_noticed() -> None:
    """The comparison fails for a wrong status and for a wrong body: it can fail."""
    row = valid_request(OPERATIONS["list_preset_voices"])
    wrong: list[Any] = [httpx.Response(500, json={}), httpx.Response(200, json={"code": 0})]
    assert [_violation(row, response) is None for response in wrong] == [False, False]
