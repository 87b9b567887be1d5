"""Faults: when they happen, and that the ledger stays correct."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from kling_voices import InvalidInputError
from kling_voices.mock import SHAPES, Fault, MockGateway, VirtualClock
from kling_voices.mock._messages import Request

from tests.mock.requests import CREATE, JSON, KEY, VOICE, ask
from tests.support.clients import API_KEY, IN_PROCESS, Kind, open_client

BODY = {**VOICE, "external_task_id": "order-1", "callback_url": "https://example.com/callback"}


@pytest.mark.parametrize("kind", ["forget", "lose_callback"])
@pytest.mark.parametrize("body", [b'{"external_task_id": [1]}', b"[" * 200_000, b"not JSON", b"[]"])
def test_a_wrong_body_stays_wrong(kind: Any, body: bytes, gateway: MockGateway) -> None:
    """A body that is refused without the fault is refused with it."""
    gateway.misbehave(Fault(kind))
    assert gateway.reply(Request("POST", CREATE, "", [KEY, JSON], body)).status == 400


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize(("seconds", "is_in_time"), [(1, True), (61, False)])
def test_a_late_response_in_process(kind: Kind, seconds: float, is_in_time: bool) -> None:
    """Nothing sleeps in process: the response is there at once, or later than the client waits, and is then found."""
    gateway = MockGateway(API_KEY, faults=[Fault("late", operation="create_custom_voice", seconds=seconds)])
    methods: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        methods.append(request.method)
        return gateway.handle(request)

    with open_client(kind, handle) as call:
        assert call("create_voice", "Ada", voice_url=VOICE["voice_url"]).task_id == gateway.tasks[0].task_id
    assert methods == ["POST"] if is_in_time else ["POST", "GET"]


@pytest.mark.parametrize(("kind", "found", "callbacks"), [("forget", 400, 1), ("lose_callback", 200, 0)])
def test_only_an_accepted_create_is_affected(kind: Any, found: int, callbacks: int, gateway: MockGateway) -> None:
    """A create that is refused, because its id is taken, changes nothing about the task that has the id."""
    assert ask(gateway, "POST", CREATE, BODY).status == 200
    gateway.misbehave(Fault(kind, operation="create_custom_voice"))
    assert ask(gateway, "POST", CREATE, BODY).status == 400
    assert (ask(gateway, "GET", f"{CREATE}/order-1").status, len(gateway.callbacks)) == (200, 1)
    other = MockGateway(clock=VirtualClock(), creation_seconds=10, faults=[Fault(kind)])
    assert ask(other, "POST", CREATE, BODY).status == 200
    assert (ask(other, "GET", f"{CREATE}/order-1").status, len(other.callbacks)) == (found, callbacks)


def test_a_forgotten_task_is_found_by_its_task_id() -> None:
    """`forget` hides a task from queries by its external id only."""
    gateway = MockGateway(faults=[Fault("forget")])
    task_id = ask(gateway, "POST", CREATE, BODY).data["task_id"]
    assert [ask(gateway, "GET", f"{CREATE}/{either_id}").status for either_id in (task_id, "order-1")] == [200, 400]


def test_faults_about_tasks_happen_to_creates_only() -> None:
    """A query does not use up a fault about tasks."""
    gateway = MockGateway(faults=[Fault("fail_task", times=1)])
    ask(gateway, "GET", CREATE)
    ask(gateway, "POST", CREATE, BODY)
    assert [task.fails for task in gateway.tasks] == [True]


def test_a_fault_that_accepts_is_charged() -> None:
    """The ledger says which faults were charged: those whose table says "accepted"."""
    charged = {
        kind: len(_one_create(Fault(kind)).tasks)
        for kind in ("refuse", "reset_before", "shape_before", "reset_after", "shape_after", "no_answer")
    }
    assert charged == {
        "refuse": 0,
        "reset_before": 0,
        "shape_before": 0,
        "reset_after": 1,
        "shape_after": 1,
        "no_answer": 1,
    }


def _one_create(fault: Fault) -> MockGateway:
    gateway = MockGateway(faults=[fault])
    gateway.reply(Request("POST", CREATE, "", [KEY, JSON], json.dumps(BODY).encode()))
    return gateway


def test_times_and_order() -> None:
    """The first fault that applies happens, as often as it says; then the next one."""
    first = Fault("shape_before", shape="empty 429", times=2)
    gateway = MockGateway(faults=[first, Fault("shape_before", shape="empty 500", times=1)])
    assert [gateway.reply(Request("GET", CREATE, "", [KEY], b"")).status for _ in range(4)] == [429, 429, 500, 200]


def test_a_rate_is_a_share() -> None:
    """About the given share of requests; the same ones for the same seed."""

    def statuses(seed: int) -> list[int]:
        gateway = MockGateway(faults=[Fault("shape_before", rate=0.3, shape="empty 500")], seed=seed)
        return [gateway.reply(Request("GET", CREATE, "", [KEY], b"")).status for _ in range(300)]

    assert 60 < statuses(1).count(500) < 120
    assert statuses(1) == statuses(1) != statuses(2)


def test_faults_can_be_switched_off() -> None:
    """`behave` switches all faults off."""
    gateway = MockGateway(faults=[Fault("shape_before", shape="empty 500")])
    assert gateway.reply(Request("GET", CREATE, "", [KEY], b"")).status == 500
    gateway.behave()
    assert ask(gateway, "GET", CREATE).status == 200


def test_shapes_are_sent_as_they_are() -> None:
    """Each shape is the whole reply."""
    for name, shape in SHAPES.items():
        gateway = MockGateway(faults=[Fault("shape_before", shape=name)])
        assert gateway.reply(Request("GET", CREATE, "", [KEY], b"")) == shape


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "explode"}, "there is no fault 'explode'; give one of refuse, "),
        ({"kind": "refuse", "shape": "round"}, "there is no shape 'round'; give one of kling 401 1000, "),
        ({"kind": "refuse", "rate": 2}, "the rate of a fault is 2; give a share from 0 to 1"),
        ({"kind": "late", "seconds": -1}, "seconds of a fault must be 0 to 1,000,000,000"),
        ({"kind": "late", "times": 0}, "and times at least 1"),
    ],
)
def test_impossible_faults(arguments: dict[str, Any], message: str) -> None:
    """The message says what can be given."""
    with pytest.raises(InvalidInputError, match=message):
        Fault(**arguments)
