"""The forms of a gateway's responses, and whether both clients understand them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from kling_voices import Charge, InvalidInputError, VoiceCreationFailedError
from kling_voices.mock import MockGateway, VirtualClock

from tests.mock.requests import CREATE, DELETE, PRESETS, VOICE, ask
from tests.support.clients import API_KEY, IN_PROCESS, Kind, open_client

WORDS = ["succeed", "succeeded", "success", "completed", "SUCCESS"]


def test_the_documented_dialect_echoes() -> None:
    """A create is answered as the supplied example shows: the request's five fields, empty where absent (S)."""
    gateway = MockGateway(dialect="documented", creation_seconds=0)
    answer = ask(gateway, "POST", CREATE, {"voice_name": "Ada", "video_id": "1", "external_task_id": "order-1"})
    assert answer.content == {
        "voice_name": "Ada",
        "voice_url": "",
        "video_id": "1",
        "callback_url": "",
        "external_task_id": "order-1",
    }
    assert ask(gateway, "GET", f"{CREATE}/order-1").data["task_status"] == "succeed"


def test_the_newer_dialect() -> None:
    """Create, query, list, presets and delete have the names of Kling's newer envelope (V)."""
    clock = VirtualClock(start=1_800_000_000)
    gateway = MockGateway(dialect="kling-v2", clock=clock, creation_seconds=10)
    created = ask(gateway, "POST", CREATE, {**VOICE, "external_task_id": "order-1"}).data
    assert created == {
        "id": "830000000000000001",
        "status": "submitted",
        "message": "",
        "create_time": 1_800_000_000_000,
        "update_time": 1_800_000_000_000,
        "external_id": "order-1",
    }
    clock.advance(10)
    task = ask(gateway, "GET", f"{CREATE}/order-1").data
    voice = {
        "type": "voice",
        "id": "840000000000000001",
        "name": "Ada",
        "url": "https://mock.invalid/trials/840000000000000001.mp3",
        "owned_by": "1000001",
        "status": "succeeded",
    }
    assert task == {
        **created,
        "status": "succeeded",
        "update_time": 1_800_000_010_000,
        "outputs": [voice],
        "billing": [{"charge_type": "unit", "amount": "0.05", "list_price": "0.05"}],
    }
    assert ask(gateway, "GET", CREATE).data == [task]
    assert ask(gateway, "GET", PRESETS).data[0]["outputs"][0]["owned_by"] == "kling"
    deleted = ask(gateway, "POST", DELETE, {"voice_id": voice["id"]}).data
    assert deleted == {"id": voice["id"], "status": "succeeded"}
    assert ask(gateway, "GET", f"{CREATE}/order-1").data["outputs"] == [{**voice, "status": "deleted"}]


def test_a_failed_task_in_the_newer_dialect() -> None:
    """It has a message, and neither outputs nor a charge."""
    gateway = MockGateway(dialect="kling-v2", creation_seconds=0)
    task = ask(gateway, "POST", CREATE, {"voice_name": "Ada", "video_id": "silence"}).data
    assert (task["status"], task["message"]) == ("failed", "no voice was found in the audio")
    assert not {"outputs", "billing"} & set(task)


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize("dialect", ["kling", "documented", "kling-v2"])
@pytest.mark.parametrize("word", [None, *WORDS])
def test_clients_understand_every_dialect(kind: Kind, dialect: Any, word: str | None) -> None:
    """Create, wait, list, delete and failure give the same results in every dialect, with every word for success."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, dialect, clock=clock, creation_seconds=10, success_status=word)
    with open_client(kind, gateway.handle, clock=clock) as call:
        task = call("create_and_wait", "Ada", voice_url=VOICE["voice_url"])
        own = {"kling-v2": "succeeded"}.get(dialect, "succeed")
        assert (task.succeeded, task.status) == (True, word or own)
        assert (task.voice.voice_id, task.voice.voice_name) == ("840000000000000001", "Ada")
        [charge] = task.charges
        assert (charge.amount, charge.unit) == (Decimal("0.05"), "units")
        assert [listed.voice for listed in call("list_tasks")] == [task.voice]
        assert len(call("list_presets")) == 45
        assert call("delete_voice", task.voice.voice_id).succeeded
        assert call("get_task", task.task_id).voices == ()
        with pytest.raises(VoiceCreationFailedError):
            call("create_and_wait", "Bob", voice_url="https://example.com/silence.mp3")
    assert isinstance(charge, Charge)


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize("dialect", ["kling", "kling-v2"])
def test_one_id_in_every_response(kind: Kind, dialect: Any) -> None:
    """With the compiled contract, a task has the same id in each response, and can be queried and waited for by it."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, dialect, clock=clock)
    with open_client(kind, gateway.handle, clock=clock) as call:
        created = call("create_voice", "Ada", voice_url=VOICE["voice_url"])
        ids = {created.task_id, call("get_task", created.task_id).task_id, call("wait", created.task_id).task_id}
        [listed] = call("list_tasks")
    assert {*ids, listed.task_id} == {gateway.tasks[0].task_id}
    assert ("task_id" in created.raw["data"]) != ("id" in created.raw["data"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dialect": "other"}, "dialect is 'other'; give one of 'kling', 'documented', 'kling-v2'"),
        ({"success_status": "done"}, "success_status is 'done'; give one of 'succeed', 'succeeded', 'success'"),
        ({"creation_seconds": -1}, "creation_seconds is -1; give 0 or more"),
    ],
)
def test_unknown_options_are_refused(options: dict[str, Any], message: str) -> None:
    """The message names the values that can be given."""
    with pytest.raises(InvalidInputError, match=message):
        MockGateway(**options)
