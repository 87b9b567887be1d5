"""Every row of the error table, for every typed method and every client."""

from __future__ import annotations

from itertools import product

import pytest
from kling_voices import APIError, KlingVoicesError, OutcomeUnknownError
from kling_voices.mock import SHAPES, Fault, MockGateway, VirtualClock

from tests.support.clients import KINDS, Kind, open_client
from tests.support.error_table import OPERATIONS, TABLE, expected
from tests.support.hypothesis_profiles import is_thorough

# The synchronous client gets every row for every method. The others, which read responses with the same code, take
# turns, so that each gets every row once.
_IN_TURNS = [
    (kind, method, shape)
    for (row, shape), (column, method) in product(enumerate(TABLE), enumerate(OPERATIONS))
    for turn, kind in enumerate(KINDS)
    if kind == "sync" or (row + turn) % len(OPERATIONS) == column
]


def test_every_shape_has_a_row() -> None:
    """The table has a row for every response that the mock gateway can give, and no others."""
    assert SHAPES.keys() == TABLE.keys()


@pytest.mark.parametrize(
    ("kind", "method", "shape"), [*product(KINDS, OPERATIONS, TABLE)] if is_thorough() else _IN_TURNS
)
def test_cell(kind: Kind, method: str, shape: str) -> None:
    """The error has the class, code, status and outcome of the table, and keeps the body."""
    args, kwargs, operation = OPERATIONS[method]
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, faults=[Fault("shape_before", operation=operation, shape=shape)])
    with (
        open_client(kind, gateway.handle, clock=clock, api_key="mock-key", max_retries=1) as call,
        pytest.raises(KlingVoicesError) as caught,
    ):
        call(method, *args, **kwargs)
    row, error = expected(shape, method), caught.value
    outcome = row.outcome if method == "create_voice" else "not_created"
    assert error.outcome == outcome
    assert bool(error.external_task_id) == (method == "create_voice")
    if outcome == "unknown":
        assert type(error) is OutcomeUnknownError
        cause = error.__cause__
    else:
        cause = error
    assert isinstance(cause, APIError)
    assert (type(cause), cause.code, cause.status_code) == (row.error, row.code, SHAPES[shape].status)
    assert "\n" not in str(error)
    assert len(str(error)) < 1000
    if SHAPES[shape].body and "compression" not in shape and shape != "200 null":
        assert cause.body is not None


@pytest.mark.parametrize("shape", TABLE)
@pytest.mark.parametrize("kind", KINDS)
def test_an_accepted_create_is_found(kind: Kind, shape: str) -> None:
    """If the task exists in spite of an ambiguous response, it is found and returned, and exactly one is charged."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, faults=[Fault("shape_after", operation="create_custom_voice", shape=shape)])
    with open_client(kind, gateway.handle, clock=clock, api_key="mock-key") as call:
        if TABLE[shape].outcome == "unknown":
            task = call("create_voice", "Ada", voice_url="https://example.com/ada.mp3")
            assert task.task_id == gateway.tasks[0].task_id
            assert task.voice_name == "Ada"
        else:
            with pytest.raises(APIError):
                call("create_voice", "Ada", voice_url="https://example.com/ada.mp3")
    assert len(gateway.tasks) == 1


@pytest.mark.parametrize(
    ("shape", "request_id"),
    [("kling 400 1201", "kling-1201"), ("one-api 403", "gw-1"), ("one-api 401", "20261122000000000abc")],
)
def test_request_ids_are_found(shape: str, request_id: str) -> None:
    """The request id is read from the body, or from "(request id: …)" in its message."""
    gateway = MockGateway(faults=[Fault("shape_before", shape=shape)])
    with open_client("sync", gateway.handle, api_key="mock-key") as call, pytest.raises(APIError) as caught:
        call("create_voice", "Ada", voice_url="https://example.com/ada.mp3")
    assert caught.value.request_id == request_id
