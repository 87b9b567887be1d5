"""The mock limits how many tasks run at the same time, per account."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kling_voices import InvalidInputError
from kling_voices.mock import MockGateway, VirtualClock
from kling_voices.mock._messages import Request

CREATE = "/kling/v1/general/custom-voices"
HEADERS = [("authorization", "Bearer mock-key"), ("content-type", "application/json")]


def create(gateway: MockGateway, number: int, source: str = "ada") -> tuple[int, int]:
    """Send a create; return status and code."""
    body = {
        "voice_name": "Ada",
        "voice_url": f"https://example.com/{source}.mp3",
        "external_task_id": f"order-{number}",
    }
    reply = gateway.reply(Request("POST", CREATE, "", HEADERS, json.dumps(body).encode()))
    return reply.status, json.loads(reply.body)["code"]


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that the test advances."""
    return VirtualClock()


@pytest.mark.parametrize("source", ["ada", "silence"])
def test_a_place_is_held_until_the_task_has_ended(clock: VirtualClock, source: str) -> None:
    """Over the limit a create is refused with 1303 and not charged; an ended task frees its place, failed included."""
    gateway = MockGateway(clock=clock, creation_seconds=10, parallel_tasks=2)
    assert [create(gateway, number, source) for number in range(3)] == [(200, 0), (200, 0), (429, 1303)]
    assert len(gateway.tasks) == 2
    clock.advance(9.5)
    assert create(gateway, 3) == (429, 1303)
    clock.advance(0.5)
    assert [create(gateway, number) for number in (4, 5, 6)] == [(200, 0), (200, 0), (429, 1303)]


def test_the_message_names_the_limit(clock: VirtualClock) -> None:
    """The message is Kling's (V)."""
    gateway = MockGateway(clock=clock, creation_seconds=10, parallel_tasks=1)
    create(gateway, 1)
    body = {"voice_name": "Ada", "video_id": "1"}
    reply = gateway.reply(Request("POST", CREATE, "", HEADERS, json.dumps(body).encode()))
    assert json.loads(reply.body)["message"] == "parallel task over resource pack limit"


def test_queries_hold_no_place(clock: VirtualClock) -> None:
    """A full account still responds to queries, and refuses a used external id with the right error."""
    gateway = MockGateway(clock=clock, creation_seconds=10, parallel_tasks=1)
    create(gateway, 1)
    query = gateway.reply(Request("GET", f"{CREATE}/order-1", "", HEADERS, b""))
    assert (query.status, create(gateway, 1)) == (200, (400, 1201))


def test_another_customer_takes_places(clock: VirtualClock) -> None:
    """Places of another customer are unavailable until they are freed."""
    gateway = MockGateway(clock=clock, creation_seconds=10, parallel_tasks=3)
    gateway.occupy(2)
    assert [create(gateway, number) for number in (1, 2)] == [(200, 0), (429, 1303)]
    gateway.occupy(1)
    assert [create(gateway, number) for number in (2, 3)] == [(200, 0), (429, 1303)]
    gateway.occupy(9)
    clock.advance(60)
    assert create(gateway, 4) == (429, 1303)
    gateway.occupy(0)
    assert create(gateway, 4) == (200, 0)


def test_without_a_limit(clock: VirtualClock) -> None:
    """Without `parallel_tasks` any number of tasks runs."""
    gateway = MockGateway(clock=clock, creation_seconds=10)
    gateway.occupy(100)
    assert {create(gateway, number) for number in range(100)} == {(200, 0)}


def test_impossible_limits() -> None:
    """A limit below 1 and a negative number of places are refused."""
    with pytest.raises(InvalidInputError, match="parallel_tasks is 0; pass at least 1"):
        MockGateway(parallel_tasks=0)
    refuse: Any = MockGateway().occupy
    with pytest.raises(InvalidInputError, match="places is -1; pass 0 or more"):
        refuse(-1)
