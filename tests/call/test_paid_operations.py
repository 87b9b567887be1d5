"""Through `call`, every operation that creates a task is sent like a voice's create: charged once, and found again."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

import httpx
import pytest
from kling_voices import (
    AsyncKlingVoices,
    BadRequestError,
    InvalidInputError,
    KlingVoicesError,
    OutcomeUnknownError,
    RateLimitError,
)
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._faults import Kind as FaultKind

from tests.support.clients import API_KEY, Kind, open_client
from tests.support.hypothesis_profiles import amount
from tests.support.videos import CREATE, MODEL_CREATE, MODEL_QUERY, QUERY, WITHOUT_QUERY

BODY = {"prompt": "<<<voice_1>>> says hello", "sound": "on", "voice_list": [{"voice_id": "840000000000000001"}]}


class Paid(NamedTuple):
    """A paid operation, the operation that queries its tasks, and arguments for it."""

    create: str
    query: str
    arguments: dict[str, Any]


VIDEOS = Paid(CREATE, QUERY, {"body": BODY})
MODEL_VIDEOS = Paid(MODEL_CREATE, MODEL_QUERY, {"model": "v 3/x", "body": {"prompt": "hello"}})
every_operation = pytest.mark.parametrize("paid", [VIDEOS, MODEL_VIDEOS], ids=lambda paid: paid.create)


class Gateway(MockGateway):
    """A mock gateway that records the methods of its requests."""

    def __init__(self, contract: dict[str, Any], *faults: Fault, **options: Any) -> None:
        super().__init__(API_KEY, contract=contract, faults=faults, **options)
        self.sent: list[str] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Record the method, and answer."""
        self.sent.append(request.method)
        return super().handle(request)


@every_operation
def test_a_task_has_an_external_id(kind: Kind, video_contract: dict[str, Any], paid: Paid) -> None:
    """A create without an external task id gets a new one, and its data is returned; an id of the caller is kept."""
    gateway = Gateway(video_contract)
    named = {**paid.arguments["body"], "external_task_id": "order-1"}
    with open_client(kind, gateway.handle) as call:
        first, second = call("call", paid.create, **paid.arguments), call("call", paid.create, **paid.arguments)
        third = call("call", paid.create, **{**paid.arguments, "body": named})
    ids = [task.external_task_id for task in gateway.tasks]
    assert [data["task_id"] for data in (first, second, third)] == [task.task_id for task in gateway.tasks]
    assert len(set(ids)) == 3
    assert ids[2] == "order-1"
    assert "external_task_id" not in paid.arguments["body"], "the caller's body was changed"


@pytest.mark.parametrize("camera_control", ["", {}, {"type": "down"}, [["type", "down"]]])
def test_a_body_is_sent_as_it_is(video_contract: dict[str, Any], camera_control: Any) -> None:
    """`call` sends a body unchanged, even if the generated class would read a wrong value as an object."""
    sent: list[Any] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return Gateway(video_contract).handle(request)

    body = {**BODY, "camera_control": camera_control, "external_task_id": "order-1"}
    with open_client("sync", handle) as call:
        if isinstance(camera_control, dict):
            call("call", CREATE, body=body)
        else:
            with pytest.raises(BadRequestError):
                call("call", CREATE, body=body)
    assert sent == [body]


@every_operation
@pytest.mark.parametrize(
    "fault",
    [
        Fault("refuse", times=2),
        Fault("shape_before", times=2, shape="kling 429 1303"),
        Fault("shape_before", times=2, shape="empty 429"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.shape}",
)
def test_sent_again_if_it_cannot_have_been_accepted(
    kind: Kind, video_contract: dict[str, Any], paid: Paid, fault: Fault
) -> None:
    """No connection and a transient 429 are retried under the same id, and charged once."""
    gateway = Gateway(video_contract, fault)
    with open_client(kind, gateway.handle) as call:
        data = call("call", paid.create, **paid.arguments)
    assert (gateway.sent, len(gateway.tasks)) == (["POST"] * 3, 1)
    assert data["task_id"] == gateway.tasks[0].task_id


AMBIGUOUS: list[FaultKind] = ["reset_after", "reset_within", "cut_short", "false_length", "no_answer", "shape_after"]


@every_operation
@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_an_accepted_create_is_found(kind: Kind, video_contract: dict[str, Any], paid: Paid, fault: FaultKind) -> None:
    """After an ambiguous failure the task is queried by its external id, with the query operation of its kind."""
    gateway = Gateway(video_contract, Fault(fault, operation=paid.create))
    with open_client(kind, gateway.handle) as call:
        data = call("call", paid.create, **paid.arguments)
    assert (gateway.sent, data["task_id"]) == (["POST", "GET"], gateway.tasks[0].task_id)
    assert len(gateway.tasks) == 1


@every_operation
def test_an_unknown_outcome(kind: Kind, video_contract: dict[str, Any], paid: Paid) -> None:
    """If the gateway does not show the task, the message names a call that finds it later, literally."""
    faults = [
        Fault("reset_after", operation=paid.create),
        Fault("shape_before", operation=paid.query, times=3, shape="HTML 502"),
    ]
    gateway = Gateway(video_contract, *faults)
    with open_client(kind, gateway.handle) as call:
        with pytest.raises(OutcomeUnknownError) as caught:
            call("call", paid.create, **paid.arguments)
        error = caught.value
        advised = error.advice.removeprefix("Check with ").removesuffix(" before you create it again.")
        data = eval(advised, {"call": lambda *args, **kwargs: call("call", *args, **kwargs)})  # noqa: S307
    assert (error.outcome, error.external_task_id) == ("unknown", gateway.tasks[0].external_task_id)
    assert isinstance(error.__cause__, KlingVoicesError)
    assert data["task_id"] == gateway.tasks[0].task_id
    assert gateway.sent == ["POST", "GET", "GET", "GET", "GET"]


def test_rejections(kind: Kind, video_contract: dict[str, Any]) -> None:
    """A rejected create was not charged, and its error has the external id; a taken id is a rejection, too."""
    gateway = Gateway(video_contract, Fault("shape_before", operation=CREATE, shape="kling 429 1303", times=3))
    body = {**BODY, "external_task_id": "order-1"}
    with open_client(kind, gateway.handle) as call:
        with pytest.raises(RateLimitError) as limited:
            call("call", CREATE, body=body)
        call("call", CREATE, body=body)
        with pytest.raises(BadRequestError) as taken:
            call("call", CREATE, body=body)
    for error in (limited.value, taken.value):
        assert (error.outcome, error.external_task_id) == ("not_created", "order-1")
    assert len(gateway.tasks) == 1


@pytest.mark.parametrize(
    ("operation", "arguments", "says"),
    [
        (CREATE, {}, "post_videos_text2video needs the argument 'body' with the field prompt"),
        (CREATE, {"body": {}}, "needs the field 'prompt'"),
        (CREATE, {"body": {**BODY, "external_task_id": ".."}}, "cannot be used as a URL path segment"),
        (MODEL_CREATE, {"model": "v3"}, "post_models_by_model_videos needs the argument 'body'"),
        ("post_videos_notes", {}, "post_videos_notes needs the argument 'body' with the field text"),
        (MODEL_CREATE, {"body": {}}, "post_models_by_model_videos needs the argument 'model'"),
        ("list_custom_voices", {"wait": True}, "neither creates nor queries a task; leave out wait=True (--wait)"),
        (
            WITHOUT_QUERY,
            {"body": {"scene": "sea"}, "wait": True},
            (
                f"{WITHOUT_QUERY} creates tasks, but the page of GET /kling/v1/videos/effects/{{id}}, "
                "which queries them, is missing; save that page and ingest it with `nox -s regenerate -- PAGE`, or"
            ),
        ),
        (CREATE, {"body": BODY, "timeout": -1}, "timeout must be at least 0"),
        (CREATE, {"body": BODY, "on_update": 5}, "on_update is of type int"),
    ],
)
def test_invalid_calls_send_nothing(
    kind: Kind, video_contract: dict[str, Any], operation: str, arguments: dict[str, Any], says: str
) -> None:
    """A missing body or argument, an unusable id and an impossible wait are reported before anything is sent."""
    gateway = Gateway(video_contract)
    with open_client(kind, gateway.handle) as call, pytest.raises(InvalidInputError) as caught:
        call("call", operation, **arguments)
    assert says in str(caught.value)
    assert (gateway.sent, caught.value.outcome) == ([], "not_created")


@pytest.mark.parametrize("data", [{}, {"task_status": "submitted"}, [], "7"])
@pytest.mark.usefixtures("video_contract")
def test_a_response_without_a_task_is_ambiguous(kind: Kind, data: Any) -> None:
    """A paid create whose response names no task is looked up, instead of returning data without an id."""
    found = {"task_id": "7", "task_status": "submitted"}

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"code": 0, "data": data if request.method == "POST" else found})

    with open_client(kind, handler) as call:
        assert call("call", CREATE, body=BODY) == found


@pytest.mark.usefixtures("video_contract")
def test_an_echo_is_a_task(kind: Kind) -> None:
    """A gateway that echoes the request, as in the supplied example, has accepted it."""
    sent: list[dict[str, Any]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json=sent[-1])

    with open_client(kind, handler) as call:
        assert call("call", CREATE, body=BODY) == sent[0]
    assert len(sent) == 1


def test_an_interrupted_create(video_contract: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """A cancelled call leaves its external id in an attribute, and how to find the task in a note and in the log."""
    gateway = MockGateway(API_KEY, contract=video_contract)

    async def run() -> BaseException:
        accepted = asyncio.Event()

        async def hanging(request: httpx.Request) -> httpx.Response:
            gateway.handle(request)
            accepted.set()
            await asyncio.Event().wait()
            raise AssertionError

        async with httpx.AsyncClient(transport=httpx.MockTransport(hanging)) as http:
            client = AsyncKlingVoices(API_KEY, gateway="kkiai", http_client=http)
            creating = asyncio.create_task(client.call(CREATE, body=BODY))
            await accepted.wait()
            creating.cancel()
            try:
                await creating
            except asyncio.CancelledError as cancelled:
                return cancelled
        raise AssertionError

    cancelled = asyncio.run(run())
    external_task_id = gateway.tasks[0].external_task_id
    advised = f"call('{QUERY}', id='{external_task_id}')"
    assert vars(cancelled)["external_task_id"] == external_task_id
    assert advised in str(cancelled.__notes__)
    assert advised in caplog.text


CALLS = amount(300, 1_000)
# One create in three fails, in every way; queries fail, too, so that some tasks stay hidden.
_WAYS: tuple[FaultKind, ...] = (*AMBIGUOUS, "reset_before", "refuse", "forget")
HOSTILE = [
    *(Fault(way, operation=CREATE, rate=0.04) for way in _WAYS),
    Fault("shape_before", operation=CREATE, rate=0.04, shape="kling 500 5000"),
    Fault("shape_before", operation=CREATE, rate=0.04, shape="kling 429 1303"),
    Fault("shape_before", operation=CREATE, rate=0.03, shape="kling 429 1102"),
    Fault("shape_after", operation=CREATE, rate=0.04, shape="HTML 502"),
    Fault("shape_before", operation=QUERY, rate=0.4, shape="HTML 502"),
]


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"], indirect=True)
@pytest.mark.parametrize("wait", [False, True])
def test_many_calls_on_a_hostile_gateway(kind: Kind, video_contract: dict[str, Any], wait: bool) -> None:
    """Each charge belongs to one call, which either returned its task or names it as unknown; none happens twice."""
    clock = VirtualClock()
    gateway = Gateway(video_contract, *HOSTILE, clock=clock, seed=5)
    returned, failed = [], []
    with open_client(kind, gateway.handle, clock=clock) as call:
        for _ in range(CALLS):
            try:
                returned.append(call("call", CREATE, body=BODY, wait=wait))
            except KlingVoicesError as error:
                failed.append(error)
    charged = [task.external_task_id for task in gateway.tasks]
    owned = [data["task_info"]["external_task_id"] for data in returned]
    by_outcome = _by_outcome(failed)
    assert len(charged) == len(set(charged)), "a task was charged twice under one id"
    assert len({*owned, *(error.external_task_id for error in failed)}) == CALLS == len(returned) + len(failed)
    assert set(owned) <= set(charged), "a task was returned that does not exist"
    assert not by_outcome["not_created"] & set(charged), "a charge was called not_created"
    assert by_outcome["created"] <= set(charged)
    assert set(charged) <= {*owned, *by_outcome["unknown"], *by_outcome["created"]}, "a charge is not accounted for"
    assert len(returned) > 0.8 * CALLS
    assert min(len(by_outcome["unknown"]), len(by_outcome["not_created"])) > CALLS // 100
    if wait:
        assert {data["task_status"] for data in returned} == {"succeed"}


def _by_outcome(failed: list[KlingVoicesError]) -> dict[str, set[str | None]]:
    outcomes = ("unknown", "not_created", "created")
    return {outcome: {error.external_task_id for error in failed if error.outcome == outcome} for outcome in outcomes}
