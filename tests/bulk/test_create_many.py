"""Creating many voices: slots, refusals, errors that stop a batch, and results in any client."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio.lowlevel
import httpx
import pytest
from kling_voices import (
    BatchProgress,
    InvalidInputError,
    OutcomeUnknownError,
    QuotaExceededError,
    VoiceCreationFailedError,
    VoiceRequest,
    WaitTimeoutError,
)
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.batches import KEY, SILENCE, URL, RecordingGateway, requests, rows, run_batch, states
from tests.support.clients import IN_PROCESS, Kind, open_client

CREATE, QUERY = "create_custom_voice", "get_custom_voice"


@pytest.mark.parametrize("dialect", ["kling", "documented"])
def test_every_voice_is_created_once(kind: Kind, dialect: Any, ledger: Path) -> None:
    """All requests succeed under a limit of five parallel tasks, and none is refused for good."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9, parallel_tasks=5, dialect=dialect)
    results = run_batch(kind, gateway, clock, requests(30), ledger)
    assert states(results) == {"succeeded": 30}
    assert sorted(result.request.voice_name for result in results) == sorted(r.voice_name for r in requests(30))
    voices = {result.task.voice.voice_id for result in results if result.task and result.task.voice}
    assert voices == {task.voice_id for task in gateway.tasks}
    assert len(voices) == 30


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize("parallel", [1, 3, 7])
def test_a_number_is_never_exceeded(kind: Kind, parallel: int, ledger: Path) -> None:
    """With a fixed limit no more tasks run than that, so a gateway with that limit refuses nothing."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9, parallel_tasks=parallel))
    progress: list[BatchProgress] = []
    run_batch(kind, gateway, clock, requests(20), ledger, parallel=parallel, on_progress=progress.append)
    assert gateway.refusals == 0
    assert max(each.running for each in progress) == parallel
    assert {each.limit for each in progress} == {parallel}


def test_refused_slots_fail_nothing(kind: Kind, ledger: Path) -> None:
    """More refusals than retries are allowed: the creates are sent again, at least a second later."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    for shape in ("kling 429 1303", "kling 429 1302", "empty 429", "kling 200 1303"):
        gateway.misbehave(Fault("shape_before", operation=CREATE, times=4, shape=shape))
    start = clock.monotonic()
    results = run_batch(kind, gateway, clock, requests(1), ledger, parallel=1)
    assert states(results) == {"succeeded": 1}
    assert clock.monotonic() - start > 16 + 9


@pytest.mark.parametrize("code", [1100, 1101, 1102])
def test_an_empty_account_stops_the_batch(kind: Kind, code: int, ledger: Path) -> None:
    """After 1100 to 1102 nothing more is sent; tasks that run are waited for; later the batch continues."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    batch = requests(10)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and len(gateway.gateway.tasks) == 3:
            posts.append(request)
            return httpx.Response(429, json={"code": code, "message": "no credit", "request_id": "r"})
        return gateway.handle(request)

    posts: list[httpx.Request] = []
    with open_client(kind, answer, clock=clock, api_key=KEY, gateway="mock") as call:
        results = call("create_many", batch, ledger=ledger, parallel=1)
    assert len(posts) == 1
    assert states(results) == {"succeeded": 3, "refused": 1, "skipped": 6}
    errors = [result.error for result in results if result.state != "succeeded"]
    assert all(isinstance(error, QuotaExceededError) and error.code == code for error in errors)
    assert [row["state"] for row in rows(ledger)] == ["succeeded"] * 3 + ["planned"] * 7
    assert states(run_batch(kind, gateway, clock, batch, ledger)) == {"succeeded": 10}
    assert gateway.sent_twice() == []


@pytest.mark.parametrize(
    ("status", "body"), [(401, {"code": 1002}), (403, {"code": 1103}), (404, {"code": 1202}), (429, {"code": 1304})]
)
def test_errors_of_the_account_stop_the_batch(status: int, body: dict[str, Any], ledger: Path) -> None:
    """What would refuse every other create, too, is not tried on all of them."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status, json={**body, "message": "no"})

    with open_client("sync", answer) as call:
        results = call("create_many", requests(50), ledger=ledger, parallel=1)
    assert len(sent) == 1
    assert states(results) == {"refused": 1, "skipped": 49}


def test_no_network_stops_the_batch(kind: Kind, ledger: Path) -> None:
    """Without a connection nothing was sent: all requests are skipped, and the ledger has them as planned."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with open_client(kind, refuse, api_key=KEY, gateway="mock") as call:
        results = call("create_many", requests(5), ledger=ledger, parallel=1)
    assert states(results) == {"skipped": 5}
    assert all("could not be reached" in str(result.error) for result in results)
    assert {row["state"] for row in rows(ledger)} == {"planned"}


def test_a_request_that_is_rejected_does_not_stop_the_others(kind: Kind, ledger: Path) -> None:
    """A content policy concerns one request. Refused requests give their result again, or are sent again if wanted."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    gateway.misbehave(Fault("shape_before", operation=CREATE, times=1, shape="kling 400 1301"))
    results = run_batch(kind, gateway, clock, requests(4), ledger, parallel=2)
    assert states(results) == {"refused": 1, "succeeded": 3}
    again = run_batch(kind, gateway, clock, requests(4), ledger)
    refused = next(result for result in again if result.state == "refused")
    assert getattr(refused.error, "code", None) == 1301
    assert len(gateway.tasks) == 3
    assert states(run_batch(kind, gateway, clock, requests(4), ledger, retry_refused=True)) == {"succeeded": 4}


def test_failed_tasks(kind: Kind, ledger: Path) -> None:
    """A failed task is a result with its error, also from the ledger; it is not created again."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    for _ in range(2):
        (result,) = run_batch(kind, gateway, clock, requests(1, url=SILENCE), ledger)
        assert result.state == "failed"
        assert isinstance(result.error, VoiceCreationFailedError)
        assert "no voice was found" in str(result.error)
        assert result.task is not None
        assert result.task.task_id == gateway.tasks[0].task_id
    assert len(gateway.tasks) == 1


@pytest.mark.parametrize("fault", ["reset_after", "no_answer", "shape_after"])
def test_a_lost_response_is_recovered(kind: Kind, fault: Any, ledger: Path) -> None:
    """The create was accepted: its task is looked up, and it is not sent again."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    gateway.gateway.misbehave(Fault(fault, operation=CREATE, rate=0.5))
    assert states(run_batch(kind, gateway, clock, requests(12), ledger, parallel=3)) == {"succeeded": 12}
    assert gateway.sent_twice() == []


def test_unknown_outcomes(kind: Kind, ledger: Path) -> None:
    """A create that got lost is unknown. It is looked up by later runs, and sent again only if that is wanted."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    gateway.gateway.misbehave(Fault("reset_before", operation=CREATE, times=1))
    results = run_batch(kind, gateway, clock, requests(3), ledger, parallel=1)
    assert states(results) == {"unknown": 1, "succeeded": 2}
    again = run_batch(kind, gateway, clock, requests(3), ledger)
    assert states(again) == {"unknown": 1, "succeeded": 2}
    unknown = next(result for result in again if result.state == "unknown")
    assert isinstance(unknown.error, OutcomeUnknownError)
    assert "resend_unknown" in str(unknown.error)
    assert gateway.sent_twice() == []
    assert states(run_batch(kind, gateway, clock, requests(3), ledger, resend_unknown=True)) == {"succeeded": 3}
    assert gateway.sent_twice() == [unknown.error.external_task_id]
    assert len(gateway.gateway.tasks) == 3


def test_an_unknown_create_that_becomes_visible(kind: Kind, ledger: Path) -> None:
    """The gateway did not show the task at first. The next run finds it and sends nothing, even with resend_unknown."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    gateway.gateway.misbehave(Fault("reset_after", operation=CREATE, times=1))
    gateway.gateway.misbehave(Fault("shape_before", operation=QUERY, times=3, shape="HTML 502"))
    assert states(run_batch(kind, gateway, clock, requests(1), ledger)) == {"unknown": 1}
    assert states(run_batch(kind, gateway, clock, requests(1), ledger, resend_unknown=True)) == {"succeeded": 1}
    assert gateway.sent_twice() == []


def test_a_failed_lookup_is_not_a_reason_to_send_again(ledger: Path) -> None:
    """With resend_unknown a create is sent again only if the gateway says that it does not know the task."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    gateway.gateway.misbehave(Fault("reset_after", operation=CREATE, times=1))
    gateway.gateway.misbehave(Fault("shape_before", operation=QUERY, times=6, shape="HTML 502"))
    assert states(run_batch("sync", gateway, clock, requests(1), ledger)) == {"unknown": 1}
    assert states(run_batch("sync", gateway, clock, requests(1), ledger, resend_unknown=True)) == {"unknown": 1}
    assert gateway.sent_twice() == []


def test_a_broken_gateway_stops_the_batch(ledger: Path) -> None:
    """After five unknown outcomes in a row nothing more is sent, so not every request becomes unknown."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, faults=[Fault("shape_before", shape="HTML 502")])
    results = run_batch("sync", gateway, clock, requests(20), ledger, parallel=1)
    assert states(results) == {"unknown": 5, "skipped": 15}


def test_identical_requests_are_one_voice(kind: Kind, ledger: Path) -> None:
    """Each gets the same result; `key` distinguishes intended duplicates; signatures of URLs do not."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    batch = [
        VoiceRequest("Ada", voice_url=f"{URL}?X-Amz-Signature=1&X-Amz-Date=2"),
        VoiceRequest("Ada", voice_url=f"{URL}?X-Amz-Signature=3&X-Amz-Date=4"),
        VoiceRequest("Ada", voice_url=URL, key="second"),
        VoiceRequest("Ada", voice_url=f"{URL}?file=2"),
    ]
    results = run_batch(kind, gateway, clock, batch, ledger)
    assert states(results) == {"succeeded": 4}
    assert len(gateway.tasks) == 3
    assert {id(result.request) for result in results} == {id(request) for request in batch}


def test_one_external_id_for_two_requests(ledger: Path) -> None:
    """The second is refused before anything is sent for it."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    batch = [VoiceRequest(name, voice_url=URL, external_task_id="order-1") for name in ("Ada", "Bob")]
    results = run_batch("sync", gateway, clock, batch, ledger)
    assert states(results) == {"refused": 1, "succeeded": 1}
    assert gateway.tasks[0].external_task_id == "order-1"
    assert states(run_batch("sync", gateway, clock, batch[1:], ledger)) == {"refused": 1}


def test_a_lost_ledger(kind: Kind, tmp_path: Path) -> None:
    """Without the ledger the same ids are derived again; the gateway refuses them as taken, and the tasks are found."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    run_batch(kind, gateway, clock, requests(4), tmp_path / "lost.sqlite")
    results = run_batch(kind, gateway, clock, requests(4), tmp_path / "new.sqlite")
    assert states(results) == {"succeeded": 4}
    assert len(gateway.gateway.tasks) == 4


def test_max_creates(kind: Kind, ledger: Path) -> None:
    """At most so many creates are sent by one call; refused slots do not count."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9, parallel_tasks=2)
    assert states(run_batch(kind, gateway, clock, requests(7), ledger, max_creates=3)) == {"succeeded": 3, "skipped": 4}
    assert len(gateway.tasks) == 3
    assert states(run_batch(kind, gateway, clock, requests(7), ledger, max_creates=0)) == {"succeeded": 3, "skipped": 4}
    assert states(run_batch(kind, gateway, clock, requests(7), ledger)) == {"succeeded": 7}


def test_a_task_that_takes_too_long(ledger: Path) -> None:
    """After the timeout its state is unknown, with the task; the next run waits for it again."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=100))
    (result,) = run_batch("sync", gateway, clock, requests(1), ledger, timeout=30)
    assert (result.state, type(result.error)) == ("unknown", WaitTimeoutError)
    assert result.task is not None
    assert result.task.task_id == gateway.gateway.tasks[0].task_id
    assert states(run_batch("sync", gateway, clock, requests(1), ledger)) == {"succeeded": 1}
    assert gateway.sent_twice() == []


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_requests_are_read_lazily(kind: Kind, ledger: Path) -> None:
    """A generator is read only as far as needed, so a batch of any length needs little memory."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=1)
    read = 0
    ahead: list[int] = []

    def many() -> Iterator[VoiceRequest]:
        nonlocal read
        for request in requests(300):
            read += 1
            yield request

    def watch(progress: BatchProgress) -> None:
        ahead.append(read - progress.done)

    run_batch(kind, gateway, clock, many(), ledger, parallel=50, on_progress=watch)
    assert max(ahead) < 250


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_an_async_iterable(kind: Kind, ledger: Path) -> None:
    """The asynchronous client also takes requests from an async generator; its error ends the batch."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)

    async def some(*, fail: bool) -> AsyncIterator[VoiceRequest]:
        for request in requests(5):
            await anyio.lowlevel.checkpoint()
            yield request
        if fail:
            raise LookupError("no more")

    assert states(run_batch(kind, gateway, clock, some(fail=False), ledger)) == {"succeeded": 5}
    with pytest.raises(LookupError):
        run_batch(kind, gateway, clock, some(fail=True), ledger)


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_invalid_arguments(kind: Kind, ledger: Path) -> None:
    """Each is one clear error of the call itself, and nothing is sent."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise AssertionError("sent")

    cases: list[tuple[dict[str, Any], str]] = [
        ({"parallel": 0}, "parallel is 0"),
        ({"parallel": "many"}, "pass 'auto'"),
        ({"max_creates": -1}, "max_creates is -1"),
        ({"timeout": 0}, "timeout must be"),
        ({"ledger": 7}, "ledger is of type int"),
        ({"prepare_on": "tcp://x:1"}, "pass stage"),
        ({"on_progress": 1}, "on_progress is not callable"),
    ]
    with open_client(kind, fail) as call:
        for options, message in cases:
            with pytest.raises(InvalidInputError, match=message):
                call.client.create_many(requests(1), **{"ledger": ledger, **options})
        with pytest.raises(InvalidInputError, match="pass VoiceRequest objects"):
            call("create_many", ["Ada"], ledger=ledger)
        with pytest.raises(InvalidInputError, match="must be uploaded to an object store"):
            call("create_many", [VoiceRequest("Ada", voice_file=__file__)], ledger=ledger)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"voice_name": ""}, "1 to 20"),
        ({"voice_name": "x" * 21, "voice_url": URL}, "21 characters"),
        ({"voice_name": "Ada"}, "neither voice_url, video_id nor voice_file"),
        ({"voice_name": "Ada", "voice_url": URL, "video_id": "1"}, "leave one of them out"),
        ({"voice_name": "Ada", "voice_url": URL, "voice_file": "a.wav"}, "leave one of them out"),
        ({"voice_name": "Ada", "voice_file": 7}, "voice_file is of type int"),
        ({"voice_name": "Ada", "voice_url": URL, "key": 7}, "key is of type int"),
        ({"voice_name": "Ada", "voice_url": URL, "callback_url": "ftp://x"}, "callback_url"),
        ({"voice_name": "Ada", "voice_url": URL, "external_task_id": ".."}, "external_task_id"),
        ({"voice_name": "Ada", "voice_url": URL, "extra_body": {"voice_name": 1}}, "extra_body"),
    ],
)
def test_invalid_requests(fields: dict[str, Any], message: str) -> None:
    """A request is checked when it is made."""
    with pytest.raises(InvalidInputError, match=message):
        VoiceRequest(**fields)


def test_the_request_is_sent_completely(ledger: Path) -> None:
    """Every field arrives at the gateway."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    request = VoiceRequest(
        "Ada",
        video_id="830460928805724256",
        callback_url="https://example.com/hook",
        external_task_id="order-1",
        extra_body={"language": "en"},
    )
    run_batch("sync", gateway, clock, [request], ledger)
    assert gateway.tasks[0].body == {
        "voice_name": "Ada",
        "video_id": "830460928805724256",
        "callback_url": "https://example.com/hook",
        "external_task_id": "order-1",
        "language": "en",
    }


def test_progress_is_reported_while_nothing_changes(ledger: Path) -> None:
    """A task that takes a minute gives a sign of life every ten seconds."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=60)
    times: list[float] = []
    run_batch("sync", gateway, clock, requests(1), ledger, on_progress=lambda _: times.append(clock.monotonic()))
    assert 5 < len(times) < 15
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 20
