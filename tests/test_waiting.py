"""Waiting for a task: success, failure, timeout, and transient errors of polls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest
from kling_voices import (
    AuthenticationError,
    ConnectionFailedError,
    NotFoundError,
    ServerError,
    Voice,
    VoiceCreationFailedError,
    VoiceTask,
    WaitTimeoutError,
)
from kling_voices.mock import MockGateway, VirtualClock

from tests.support.clients import Kind, open_client

URL = "https://example.com/ada.mp3"


def _task(status: str, **more: Any) -> httpx.Response:
    data = {"task_id": "123", "task_status": status, "created_at": 1, "updated_at": 2, **more}
    return httpx.Response(200, json={"code": 0, "message": "", "request_id": "r", "data": data})


def _script(answers: Iterable[Any]) -> Callable[[httpx.Request], httpx.Response]:
    """A gateway that returns one response after the other, and repeats the last one."""
    waiting = list(answers)

    def handler(_: httpx.Request) -> httpx.Response:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return handler


@pytest.mark.parametrize("dialect", ["kling", "documented", "kling-v2"])
def test_create_and_wait(kind: Kind, dialect: Any) -> None:
    """Every dialect ends in a voice, and each change of the status is reported."""
    clock = VirtualClock()
    gateway = MockGateway(dialect=dialect, clock=clock, creation_seconds=9)
    told: list[str | None] = []
    with open_client(kind, gateway.handle, clock=clock, api_key="mock-key") as call:
        task = call("create_and_wait", "Ada", voice_url=URL, on_update=lambda task: told.append(task.status))
    assert task.voice.voice_name == task.voice_name == "Ada"
    assert task.voice.voice_id.isdigit()
    assert task.external_task_id == gateway.tasks[0].external_task_id
    assert told[0] == (None if dialect == "documented" else "submitted")
    assert told[-2:] == ["processing", "succeeded" if dialect == "kling-v2" else "succeed"]


@pytest.mark.parametrize("word", ["succeed", "succeeded", "success", "completed", "SUCCESS"])
@pytest.mark.parametrize("dialect", ["kling", "kling-v2"])
def test_every_word_for_success_ends_the_wait(kind: Kind, dialect: Any, word: str) -> None:
    """A task that has succeeded in any known word ends the wait with its voice and its charges, paid once."""
    clock = VirtualClock()
    gateway = MockGateway(dialect=dialect, success_status=word, clock=clock, creation_seconds=9)
    with open_client(kind, gateway.handle, clock=clock, api_key="mock-key") as call:
        created = call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")
        task = call("wait", created)
        assert call("wait", created.task_id).voices == task.voices
    assert (created.task_id, created.external_task_id) == (gateway.tasks[0].task_id, "order-1")
    assert (task.status, task.succeeded, task.voice.voice_name) == (word, True, "Ada")
    assert all(charge.amount > 0 for charge in task.charges)
    assert len(task.charges) == 1
    assert [exchange.request.method for exchange in gateway.exchanges].count("POST") == 1


def test_a_failed_task_raises(kind: Kind) -> None:
    """The error has the task and its reason; the create was accepted."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock)
    with (
        open_client(kind, gateway.handle, clock=clock, api_key="mock-key") as call,
        pytest.raises(VoiceCreationFailedError, match="no voice was found") as caught,
    ):
        call("create_and_wait", "Ada", voice_url="https://example.com/silence.mp3")
    assert (caught.value.task.status, caught.value.outcome) == ("failed", "created")
    assert caught.value.external_task_id == gateway.tasks[0].external_task_id


def test_the_deadline(kind: Kind) -> None:
    """The wait ends exactly at its deadline, and the task can be waited for again."""
    clock = VirtualClock()
    start = clock.monotonic()
    with open_client(kind, _script([_task("processing")]), clock=clock) as call:
        with pytest.raises(WaitTimeoutError) as caught:
            call("wait", "123", timeout=100)
        assert clock.monotonic() - start == pytest.approx(100)
        assert caught.value.task.status == "processing"
    with open_client(kind, _script([_task("succeed")])) as call:
        assert call("wait", caught.value.task).succeeded


def test_a_timeout_of_zero_polls_once(kind: Kind) -> None:
    """A timeout of zero polls once, and the current status decides."""
    with open_client(kind, _script([_task("succeed"), AssertionError("asked twice")])) as call:
        assert call("wait", "123", timeout=0).succeeded
    with (
        open_client(kind, _script([_task("submitted"), AssertionError("asked twice")])) as call,
        pytest.raises(WaitTimeoutError),
    ):
        call("wait", "123", timeout=0)


def test_unknown_statuses(kind: Kind) -> None:
    """An unknown status is kept and reported, and the wait continues."""
    told: list[str] = []
    with open_client(kind, _script([_task("queued"), _task("paused"), _task("paused"), _task("succeed")])) as call:
        call("wait", "123", on_update=lambda task: told.append(task.status))
    assert told == ["queued", "paused", "succeed"]


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(500, json={"code": 5000, "message": "internal"}),
        httpx.Response(429, json={"code": 1302, "message": "slow down"}),
        httpx.Response(502, content=b"<html>"),
        httpx.Response(200, content=b"<html>"),
        httpx.ReadTimeout("late"),
        httpx.ConnectError("refused"),
    ],
)
def test_transient_errors_are_tolerated(kind: Kind, trouble: Any) -> None:
    """Many polls may fail once the gateway has shown the task."""
    with open_client(kind, _script([*[trouble] * 9, _task("succeed")])) as call:
        assert call("wait", VoiceTask(task_id="123", status="submitted")).succeeded


def test_an_id_that_was_never_seen(kind: Kind) -> None:
    """Without a network, the wait for an id that was never seen ends soon, and not at its deadline."""
    clock = VirtualClock()
    start = clock.monotonic()
    with (
        open_client(kind, _script([httpx.ConnectError("refused")]), clock=clock) as call,
        pytest.raises(ConnectionFailedError),
    ):
        call("wait", "123", timeout=600)
    assert clock.monotonic() - start < 10


def test_refusals_end_the_wait(kind: Kind) -> None:
    """An error that another poll would not change is raised at once; the outcome of a known task is "created"."""
    refused = httpx.Response(401, json={"code": 1004, "message": "expired"})
    task = VoiceTask(task_id="123", external_task_id="order-1", status="submitted")
    with (
        open_client(kind, _script([_task("processing"), refused])) as call,
        pytest.raises(AuthenticationError) as caught,
    ):
        call("wait", task)
    assert (caught.value.outcome, caught.value.external_task_id) == ("created", "order-1")


def test_a_task_that_is_not_found(kind: Kind) -> None:
    """An unknown task id is an error; an external id after an echo may appear until the deadline."""
    missing = httpx.Response(400, json={"code": 1201, "message": "not found"})
    with open_client(kind, _script([missing])) as call:
        with pytest.raises(NotFoundError):
            call("wait", "123")
        with pytest.raises(WaitTimeoutError) as caught:
            call("wait", VoiceTask(external_task_id="order-1"), timeout=30)
        assert isinstance(caught.value.__cause__, NotFoundError)


def test_retry_after_is_honoured(kind: Kind) -> None:
    """`Retry-After` of a poll is honoured."""
    clock = VirtualClock()
    start = clock.monotonic()
    busy = httpx.Response(429, headers={"retry-after": "40"})
    task = VoiceTask(task_id="123", status="submitted")
    with open_client(kind, _script([busy, _task("succeed")]), clock=clock) as call:
        call("wait", task)
    assert 40 <= clock.monotonic() - start < 60


def test_a_finished_task_is_not_queried(kind: Kind) -> None:
    """A finished task is not queried."""
    done = VoiceTask(task_id="123", status="succeed", voices=(Voice("840"),))
    with open_client(kind, _script([AssertionError("asked")])) as call:
        assert call("wait", done) is done


def test_reads_are_retried_and_then_raise(kind: Kind) -> None:
    """`get_task` is retried after a transient error, at most max_retries times."""
    failing = httpx.Response(503, content=b"")
    with open_client(kind, _script([failing, failing, _task("succeed")])) as call:
        assert call("get_task", "123").succeeded
    with open_client(kind, _script([failing]), max_retries=1) as call, pytest.raises(ServerError):
        call("get_task", "123")


def test_a_task_that_has_failed_already(kind: Kind) -> None:
    """A task that is known to have failed raises without another query."""
    failed = VoiceTask(task_id="123", external_task_id="order-1", status="failed", status_message="no voice")
    with (
        open_client(kind, _script([AssertionError("asked")])) as call,
        pytest.raises(VoiceCreationFailedError) as caught,
    ):
        call("wait", failed)
    assert str(caught.value) == "The voice could not be created: no voice"
    assert (caught.value.task, caught.value.external_task_id) == (failed, "order-1")
