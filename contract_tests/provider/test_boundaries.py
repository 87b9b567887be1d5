"""The boundary table on the mock: each edge of the contract, once."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import httpx
import pytest
from kling_voices.mock import Fault, MockGateway, VirtualClock

from contract_tests.harness.boundary import Row, rows, valid
from contract_tests.harness.contract import CONTRACT, answer_schema, operation

ROWS = list(rows())
OPERATIONS = {row.operation_id for row in ROWS}


def _answer(gateway: MockGateway, row: Row) -> httpx.Response:
    # Straight to the handler: an httpx client would mend some of what is wrong on purpose.
    request = httpx.Request(row.method, f"http://mock{row.path}", headers=row.headers, content=row.content)
    if row.headers.get("content-type") == "":
        del request.headers["content-type"]
    return gateway.handle(request)


def _described(operation_id: str, status: int) -> dict[str, Any]:
    responses = operation(operation_id)["responses"]
    return answer_schema(operation_id, str(status) if str(status) in responses else "default")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row: Row) -> None:
    """The status is one that the contract allows for the request, and the body is what it describes for that status."""
    response = _answer(MockGateway(clock=VirtualClock()), row)
    assert response.status_code in row.expected
    body = json.loads(response.read())
    assert valid(CONTRACT, _described(row.operation_id, response.status_code), body), body


def test_the_table_has_not_collapsed() -> None:
    """Each operation has its rows, on both sides; and the table as a whole is as large as the contract makes it."""
    sides = Counter((row.operation_id, row.expected == {200} or 200 in row.expected) for row in ROWS)
    assert {name for name, _ in sides} == OPERATIONS
    assert all(sides[name, True] >= 2 and sides[name, False] >= 10 for name in OPERATIONS), sides
    assert len(ROWS) > 250


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
@pytest.mark.parametrize("shape", ["kling 429 1302", "kling 500 5000", "kling 503 5001"])
def test_answers_in_need(operation_id: str, shape: str) -> None:
    """What the contract says of too many requests and of failures fits what Kling answers then."""
    row = next(row for row in ROWS if row.operation_id == operation_id)
    gateway = MockGateway(clock=VirtualClock(), faults=[Fault("shape_before", shape=shape)])
    response = _answer(gateway, row)
    assert valid(CONTRACT, _described(operation_id, response.status_code), json.loads(response.read()))


def test_every_documented_status_is_witnessed() -> None:
    """No operation has a status that neither the table nor a fault brings about."""
    seen = {(row.operation_id, str(_answer(MockGateway(), row).status_code)) for row in ROWS}
    seen |= {(name, status) for name in OPERATIONS for status in ("429", "default")}  # by the faults above
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=0)
    create = next(row for row in ROWS if row.operation_id == "create_custom_voice")
    task_id = json.loads(_answer(gateway, create).read())["data"]["task_id"]
    for name in ("get_custom_voice", "delete_custom_voice"):
        row = next(row for row in ROWS if row.operation_id == name)
        for body, path in (
            ({"voice_id": "840000000000000001"}, row.path.replace("830000000000000001", task_id)),
            ({"voice_id": "820000000000000001"}, row.path),
        ):
            changed = row._replace(path=path, content=json.dumps(body).encode() if row.content else b"")
            seen.add((name, str(_answer(gateway, changed).status_code)))
    documented = {(name, status) for name in OPERATIONS for status in operation(name)["responses"]}
    assert documented - seen == set()
