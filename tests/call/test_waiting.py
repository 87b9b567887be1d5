"""`call` with `wait=True`: the data of the finished task, its failure, and the wait's timeout."""

from __future__ import annotations

from typing import Any

import pytest
from kling_voices import VoiceCreationFailedError, VoiceTask, WaitTimeoutError
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.clients import API_KEY, Kind, open_client
from tests.support.videos import CREATE, MODEL_CREATE, QUERY

BODY = {"prompt": "hello"}


@pytest.mark.parametrize("dialect", ["kling", "kling-v2"])
def test_the_data_of_the_finished_task(kind: Kind, video_contract: dict[str, Any], dialect: Any) -> None:
    """The data of the last query is returned, and every change of the status is reported."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, dialect, contract=video_contract, clock=clock, creation_seconds=9)
    statuses: list[str | None] = []

    def on_update(task: VoiceTask) -> None:
        statuses.append(task.status)

    with open_client(kind, gateway.handle, clock=clock) as call:
        data = call("call", CREATE, body=BODY, wait=True, on_update=on_update)
        assert data == call("call", QUERY, id=gateway.tasks[0].task_id)
    assert str(data).count("https://mock.invalid/videos/sample") == 1
    assert statuses[0] == "submitted"
    assert statuses[-1] in {"succeed", "succeeded"}
    assert len(statuses) == len(set(statuses))


def test_a_query_can_wait(kind: Kind, video_contract: dict[str, Any]) -> None:
    """`wait=True` on the query operation waits for a task that exists, by either id."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, contract=video_contract, clock=clock, creation_seconds=9)
    with open_client(kind, gateway.handle, clock=clock) as call:
        created = call("call", CREATE, body={**BODY, "external_task_id": "order-1"})
        assert created["task_status"] == "submitted"
        for task_id in (created["task_id"], "order-1"):
            assert call("call", QUERY, id=task_id, wait=True)["task_status"] == "succeed"
    assert len(gateway.tasks) == 1


@pytest.mark.parametrize(
    ("operation", "arguments"), [(CREATE, {"body": BODY}), (MODEL_CREATE, {"model": "v3", "body": BODY})]
)
def test_a_timeout_names_the_call_to_continue_with(
    kind: Kind, video_contract: dict[str, Any], operation: str, arguments: dict[str, Any]
) -> None:
    """The call that the message advises works literally, and nothing is created again."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, contract=video_contract, clock=clock, creation_seconds=100)
    with open_client(kind, gateway.handle, clock=clock) as call:
        with pytest.raises(
            WaitTimeoutError, match=r"is still 'processing' after 30 s\. Continue with call\("
        ) as caught:
            call("call", operation, **arguments, wait=True, timeout=30)
        error = caught.value
        advised = error.advice.removeprefix("Continue with ").removesuffix(".")
        data = eval(advised, {"call": lambda *args, **kwargs: call("call", *args, **kwargs)})  # noqa: S307
    assert (error.outcome, error.external_task_id) == ("created", gateway.tasks[0].external_task_id)
    assert error.task.task_id == gateway.tasks[0].task_id
    assert data["task_status"] == "succeed"
    assert len(gateway.tasks) == 1


def test_a_failed_task(kind: Kind, video_contract: dict[str, Any]) -> None:
    """A failed task raises; the error names the operation, and has the task with its complete response."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, contract=video_contract, clock=clock, faults=[Fault("fail_task")])
    with open_client(kind, gateway.handle, clock=clock) as call, pytest.raises(VoiceCreationFailedError) as caught:
        call("call", CREATE, body=BODY, wait=True)
    error = caught.value
    assert str(error).startswith(f"The task of {CREATE} failed: ")
    assert (error.outcome, error.task.task_id) == ("created", gateway.tasks[0].task_id)
    assert error.external_task_id == gateway.tasks[0].external_task_id
    assert error.task.raw["data"]["task_status"] == "failed"


def test_an_error_of_on_update(kind: Kind, video_contract: dict[str, Any]) -> None:
    """An exception of the caller's function is raised with a note that says how to find the task."""
    gateway = MockGateway(API_KEY, contract=video_contract, clock=VirtualClock())

    def on_update(_: object) -> None:
        raise ZeroDivisionError

    with open_client(kind, gateway.handle) as call, pytest.raises(ZeroDivisionError) as caught:
        call("call", CREATE, body=BODY, wait=True, on_update=on_update)
    external_task_id = gateway.tasks[0].external_task_id
    assert f"call('{QUERY}', id='{external_task_id}')" in str(caught.value.__notes__)
    assert vars(caught.value)["external_task_id"] == external_task_id


def test_voices_through_call(kind: Kind) -> None:
    """The operations of voices follow the same rules as every other kind of task."""
    clock = VirtualClock()
    gateway = MockGateway(API_KEY, clock=clock)
    with open_client(kind, gateway.handle, clock=clock) as call:
        data = call("call", "create_custom_voice", body={"voice_name": "Ada", "video_id": "1"}, wait=True)
        assert call("call", "get_custom_voice", id=data["task_id"], wait=True) == data
    assert data["task_result"]["voices"][0]["voice_name"] == "Ada"
