"""A create is sent again only if it cannot have been accepted, and is looked up after every other failure."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any

import httpx
import pytest
from kling_voices import (
    AsyncKlingVoices,
    BadRequestError,
    ConnectionFailedError,
    InvalidInputError,
    KlingVoices,
    KlingVoicesError,
    OutcomeUnknownError,
    QuotaExceededError,
    RateLimitError,
    UnexpectedResponseError,
)
from kling_voices._flows.paid_create import _is_task_of
from kling_voices._http.exceptions import REQUEST_EXTENSION, may_have_been_sent
from kling_voices._protocol.responses import Success
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.clients import API_KEY, IN_PROCESS, Kind, open_client

URL = "https://example.com/ada.mp3"
CREATE = "create_custom_voice"
QUERY = "get_custom_voice"


class Gateway(MockGateway):
    """A mock gateway that records the methods of its requests."""

    def __init__(self, *faults: Fault, clock: VirtualClock) -> None:
        super().__init__(API_KEY, clock=clock, faults=faults)
        self.sent: list[str] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Record the method, and answer."""
        self.sent.append(request.method)
        return super().handle(request)


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that does not sleep."""
    return VirtualClock()


def _create(kind: Kind, gateway: Gateway, clock: VirtualClock, **options: Any) -> Any:
    with open_client(kind, gateway.handle, clock=clock, **options) as call:
        return call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("refuse", operation=CREATE, times=2),
        Fault("shape_before", operation=CREATE, times=2, shape="kling 429 1302"),
        Fault("shape_before", operation=CREATE, times=2, shape="kling 429 1303"),
        Fault("shape_before", operation=CREATE, times=2, shape="empty 429"),
        Fault("shape_before", operation=CREATE, times=2, shape="one-api 429 rate"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.shape}",
)
def test_sent_again_under_the_same_id(kind: Kind, clock: VirtualClock, fault: Fault) -> None:
    """A create that cannot have been accepted is sent again, up to max_retries times, and charged once."""
    gateway = Gateway(fault, clock=clock)
    assert _create(kind, gateway, clock).external_task_id == "order-1"
    assert (gateway.sent, len(gateway.tasks)) == (["POST"] * 3, 1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("refuse", operation=CREATE), ConnectionFailedError),
        (Fault("shape_before", operation=CREATE, shape="kling 429 1302"), RateLimitError),
    ],
    ids=["refuse", "1302"],
)
def test_retries_end(kind: Kind, clock: VirtualClock, fault: Fault, error: type[KlingVoicesError]) -> None:
    """After max_retries the failure is raised, and nothing was created."""
    gateway = Gateway(fault, clock=clock)
    with pytest.raises(error) as caught:
        _create(kind, gateway, clock, max_retries=4)
    assert (gateway.sent, caught.value.outcome, caught.value.external_task_id) == (
        ["POST"] * 5,
        "not_created",
        "order-1",
    )


@pytest.mark.parametrize(
    "shape", ["kling 429 1100", "kling 429 1101", "kling 429 1102", "kling 429 1304", "one-api 429 no quota"]
)
def test_definite_rejections_are_not_sent_again(kind: Kind, clock: VirtualClock, shape: str) -> None:
    """An empty account and a blocked address are reported at once, although the status is 429."""
    gateway = Gateway(Fault("shape_before", operation=CREATE, shape=shape), clock=clock)
    with pytest.raises(KlingVoicesError) as caught:
        _create(kind, gateway, clock)
    assert (gateway.sent, caught.value.outcome) == (["POST"], "not_created")


AMBIGUOUS = ["reset_after", "reset_within", "cut_short", "false_length", "no_answer", "shape_after"]


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_an_accepted_create_is_found(kind: Kind, clock: VirtualClock, fault: Any) -> None:
    """After every ambiguous failure the task is queried by its external id, and returned."""
    gateway = Gateway(Fault(fault, operation=CREATE), clock=clock)
    task = _create(kind, gateway, clock)
    assert (task.task_id, task.external_task_id) == (gateway.tasks[0].task_id, "order-1")
    assert (gateway.sent, len(gateway.tasks)) == (["POST", "GET"], 1)


@pytest.mark.parametrize("fault", ["reset_before", "shape_before"])
def test_what_is_not_found_stays_unknown(kind: Kind, clock: VirtualClock, fault: Any) -> None:
    """After a lookup without result, the outcome is unknown, the cause is kept, and the create was sent once."""
    gateway = Gateway(Fault(fault, operation=CREATE), clock=clock)
    with pytest.raises(OutcomeUnknownError, match=r"recover\('order-1'\)") as caught:
        _create(kind, gateway, clock)
    assert (caught.value.outcome, caught.value.external_task_id) == ("unknown", "order-1")
    assert isinstance(caught.value.__cause__, KlingVoicesError)
    assert gateway.sent == ["POST", "GET", "GET", "GET"]


def test_lookups_are_repeated(kind: Kind, clock: VirtualClock) -> None:
    """A failed lookup is repeated up to max_retries times."""
    faults = [Fault("reset_after", operation=CREATE), Fault("shape_before", operation=QUERY, times=2, shape="HTML 502")]
    gateway = Gateway(*faults, clock=clock)
    assert _create(kind, gateway, clock).task_id == gateway.tasks[0].task_id
    assert gateway.sent == ["POST", "GET", "GET", "GET"]


def test_a_forgotten_id_is_not_found(kind: Kind, clock: VirtualClock) -> None:
    """A gateway that queries another upstream account shows nothing, although the task exists."""
    gateway = Gateway(Fault("forget", operation=CREATE), clock=clock)
    with open_client(kind, gateway.handle, clock=clock) as call:
        call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")
        assert call("recover", "order-1") is None
    assert len(gateway.tasks) == 1


def test_a_task_with_another_id_is_not_returned(kind: Kind, clock: VirtualClock) -> None:
    """A task with another external id is not taken for ours."""
    others = {"task_id": "1", "task_status": "succeed", "task_info": {"external_task_id": "theirs"}}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(500)
        return httpx.Response(200, json={"code": 0, "message": "", "data": others})

    with open_client(kind, handler, clock=clock) as call, pytest.raises(OutcomeUnknownError):
        call("create_voice", "Ada", voice_url=URL)


def _taken(after: httpx.Response, *, exists: bool) -> Callable[[httpx.Request], httpx.Response]:
    """A gateway that returns `after` first, and then reports that the external id is taken."""
    posts = 0
    task = {"task_id": "1", "task_status": "submitted", "task_info": {"external_task_id": "order-1"}}

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal posts
        if request.method == "GET":
            found = {"code": 0, "message": "", "data": task}
            return (
                httpx.Response(200, json=found) if exists else httpx.Response(400, json={"code": 1201, "message": "no"})
            )
        posts += 1
        if posts == 1:
            return after
        return httpx.Response(400, json={"code": 1201, "message": "external_task_id already exists"})

    return handler


def test_already_exists_after_our_own_attempt(kind: Kind) -> None:
    """If a create with status 429 was accepted after all, the taken id is ours, and its task is returned."""
    with open_client(kind, _taken(httpx.Response(429), exists=True)) as call:
        assert call("create_voice", "Ada", voice_url=URL, external_task_id="order-1").task_id == "1"
    with open_client(kind, _taken(httpx.Response(429), exists=False)) as call, pytest.raises(OutcomeUnknownError):
        call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")


def test_already_exists_at_the_first_attempt(kind: Kind) -> None:
    """An id that was taken before this call is rejected, and this call has created nothing."""
    taken = httpx.Response(400, json={"code": 1201, "message": "external_task_id already exists"})
    with open_client(kind, _taken(taken, exists=True)) as call, pytest.raises(BadRequestError) as caught:
        call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")
    assert caught.value.outcome == "not_created"


def test_an_invalid_parameter_after_a_retry(kind: Kind) -> None:
    """1201 means any invalid parameter: without a mention of the id it is an ordinary rejection."""
    answers = [httpx.Response(429), httpx.Response(400, json={"code": 1201, "message": "voice_url is not reachable"})]
    with open_client(kind, lambda _: answers.pop(0)) as call, pytest.raises(BadRequestError) as caught:
        call("create_voice", "Ada", voice_url=URL)
    assert caught.value.outcome == "not_created"


def _next(answers: list[httpx.Response], _: httpx.Request) -> httpx.Response:
    return answers.pop(0)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after(kind: Kind, clock: VirtualClock, form: str) -> None:
    """Both forms of `Retry-After` are honoured, up to a minute."""
    start = clock.monotonic()
    for asked, waited in ((20, 20), (86_400, 60)):
        value = str(asked) if form == "seconds" else formatdate(clock.time() + asked, usegmt=True)
        answers = [httpx.Response(429, headers={"retry-after": value}), httpx.Response(200, json={"voice_name": "Ada"})]
        start = clock.monotonic()
        with open_client(kind, partial(_next, answers), clock=clock) as call:
            call("create_voice", "Ada", voice_url=URL)
        assert waited - 1 <= clock.monotonic() - start <= waited + 1


@pytest.mark.parametrize("value", ["", "soon", "-5", "9" * 40, "Thu, 99 Foo 2026 00:00:00 GMT"])
def test_retry_after_that_says_nothing(kind: Kind, clock: VirtualClock, value: str) -> None:
    """An invalid `Retry-After` is ignored."""
    start = clock.monotonic()
    answers = [httpx.Response(429, headers={"retry-after": value}), httpx.Response(200, json={"voice_name": "Ada"})]
    with open_client(kind, lambda _: answers.pop(0), clock=clock) as call:
        call("create_voice", "Ada", voice_url=URL)
    assert clock.monotonic() - start < 3


def test_a_call_has_a_total_deadline(kind: Kind, clock: VirtualClock) -> None:
    """A call ends after timeout * (max_retries + 1) seconds, for any `Retry-After`."""
    start = clock.monotonic()

    def slow(_: httpx.Request) -> httpx.Response:
        clock.advance(9)
        return httpx.Response(429, headers={"retry-after": "30"})

    with open_client(kind, slow, clock=clock, timeout=10, max_retries=5) as call, pytest.raises(RateLimitError):
        call("create_voice", "Ada", voice_url=URL)
    assert 30 < clock.monotonic() - start <= 60


@pytest.mark.parametrize("kind", IN_PROCESS, indirect=True)
def test_a_slow_body_ends_with_the_time(kind: Kind, clock: VirtualClock) -> None:
    """A body that arrives slowly is cut off at the timeout, and the create is looked up."""

    class SlowBody(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            return self

        def __next__(self) -> bytes:
            clock.advance(1)
            return b" "

        def __aiter__(self) -> Any:
            return self

        async def __anext__(self) -> bytes:
            return next(self)

    with (
        open_client(kind, lambda _: httpx.Response(200, stream=SlowBody()), clock=clock, timeout=5) as call,
        pytest.raises(OutcomeUnknownError) as caught,
    ):
        call("create_voice", "Ada", voice_url=URL)
    assert isinstance(caught.value.__cause__, ConnectionFailedError)


@pytest.mark.parametrize("kind", IN_PROCESS, indirect=True)
@pytest.mark.parametrize("seconds", [0, 1])
def test_a_body_that_decodes_to_nothing(kind: Kind, clock: VirtualClock, seconds: int) -> None:
    """Bytes after the end of a compressed body count, too: it ends with the time, or one chunk after 10 MiB."""
    pieces = 0

    class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            return self

        def __next__(self) -> bytes:
            nonlocal pieces
            pieces += 1
            clock.advance(seconds)
            return bytes(2**20) if pieces > 1 else gzip.compress(b"{}")

        def __aiter__(self) -> Any:
            return self

        async def __anext__(self) -> bytes:
            return next(self)

    headers = {"content-encoding": "gzip"}
    with (
        open_client(
            kind,
            lambda _: httpx.Response(200, stream=Endless(), headers=headers),
            clock=clock,
            timeout=5,
            max_retries=0,
        ) as call,
        pytest.raises(UnexpectedResponseError if not seconds else ConnectionFailedError),
    ):
        call("get_task", "1")
    assert pieces == (6 if seconds else 12)


@pytest.mark.parametrize("kind", IN_PROCESS, indirect=True)
def test_a_body_that_decodes_to_too_much(kind: Kind) -> None:
    """The limit is that of the decoded body, too."""
    stream = httpx.ByteStream(gzip.compress(b" " * 11 * 2**20))
    response = httpx.Response(200, stream=stream, headers={"content-encoding": "gzip"})
    with open_client(kind, lambda _: response, max_retries=0) as call, pytest.raises(UnexpectedResponseError) as caught:
        call("get_task", "1")
    assert "longer than 10 MiB" in str(caught.value)


@pytest.mark.parametrize("kind", IN_PROCESS, indirect=True)
def test_a_body_over_the_limit_is_not_read_to_its_end(kind: Kind) -> None:
    """Reading stops after 10 MiB, and the error has these 10 MiB."""
    pieces = 0

    class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            nonlocal pieces
            while True:
                pieces += 1
                yield b" " * 2**20

        async def __aiter__(self) -> Any:
            for piece in self:
                yield piece

    with (
        open_client(kind, lambda _: httpx.Response(200, stream=Endless())) as call,
        pytest.raises(UnexpectedResponseError, match="longer than 10 MiB") as caught,
    ):
        call("get_task", "1")
    assert pieces == 11
    assert len(caught.value.body) == 10 * 2**20  # type: ignore[arg-type]


def test_new_ids_are_unique(kind: Kind, clock: VirtualClock) -> None:
    """Two creates without an external id get two different ids."""
    gateway = Gateway(clock=clock)
    with open_client(kind, gateway.handle, clock=clock) as call:
        for _ in range(2):
            call("create_voice", "Ada", voice_url=URL)
    assert len({task.external_task_id for task in gateway.tasks}) == 2


def test_a_cancelled_create_leaves_its_id(caplog: pytest.LogCaptureFixture) -> None:
    """A cancelled create leaves its external id in the log and in a note of the cancellation."""
    gateway = MockGateway(API_KEY, clock=VirtualClock())
    accepted = asyncio.Event()

    async def hanging(request: httpx.Request) -> httpx.Response:
        gateway.handle(request)
        accepted.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> str:
        async with httpx.AsyncClient(transport=httpx.MockTransport(hanging)) as http:
            client = AsyncKlingVoices(API_KEY, gateway="kkiai", http_client=http)
            creating = asyncio.create_task(client.create_voice("Ada", voice_url=URL))
            await accepted.wait()
            creating.cancel()
            try:
                await creating
            except asyncio.CancelledError as cancelled:
                return str(cancelled.__notes__)
        raise AssertionError

    with caplog.at_level(logging.WARNING, logger="kling_voices"):
        notes = asyncio.run(run())
    external_task_id = gateway.tasks[0].external_task_id
    assert f"recover('{external_task_id}')" in notes
    assert f"recover('{external_task_id}')" in caplog.text


def test_an_exhausted_account_on_http_200(kind: Kind, clock: VirtualClock) -> None:
    """Kling's code counts even with HTTP 200; a definite rejection is not looked up."""
    gateway = Gateway(Fault("shape_before", operation=CREATE, shape="kling 200 1102"), clock=clock)
    with pytest.raises(QuotaExceededError):
        _create(kind, gateway, clock)
    assert gateway.sent == ["POST"]


def _ours(error: httpx.RequestError, cause: Exception | None = None) -> httpx.RequestError:
    """An error as httpx raises it: with the request, and with the transport's own exception as cause."""
    error.request = httpx.Request("POST", URL, extensions={REQUEST_EXTENSION: True})
    error.__cause__ = cause
    return error


def test_which_transport_errors_come_before_the_first_byte() -> None:
    """Errors of connecting mean that nothing was sent; those that httpx-aiohttp raises for lost connections do not."""
    import aiohttp

    before = [
        _ours(httpx.ConnectError("x")),
        _ours(httpx.ConnectTimeout("x")),
        _ours(httpx.PoolTimeout("x")),
        _ours(httpx.ProxyError("x")),
        _ours(httpx.ConnectTimeout("x"), aiohttp.ConnectionTimeoutError()),
        _ours(httpx.ConnectError("x"), aiohttp.ClientProxyConnectionError(None, OSError())),  # type: ignore[arg-type]
    ]
    after = [
        _ours(httpx.ReadTimeout("x")),
        _ours(httpx.WriteError("x")),
        _ours(httpx.ReadError("x")),
        _ours(httpx.RemoteProtocolError("x")),
        _ours(httpx.ConnectTimeout("x"), aiohttp.ServerDisconnectedError()),
        _ours(httpx.ConnectTimeout("x"), aiohttp.ClientOSError()),
        httpx.ConnectError("of an event hook"),
        httpx.ConnectError("of another request", request=httpx.Request("GET", URL)),
        httpx.InvalidURL("of a redirect"),
        OSError("x"),
        RuntimeError("x"),
    ]
    assert [error for error in before if may_have_been_sent(error)] == []
    assert [error for error in after if not may_have_been_sent(error)] == []


def _hooked(kind: Kind, gateway: Gateway, clock: VirtualClock, hook: Callable[[httpx.Response], None]) -> Any:
    """A create with a caller's client that has an event hook."""
    transport = httpx.MockTransport(gateway.handle)
    if kind == "sync":
        with httpx.Client(transport=transport, event_hooks={"response": [hook]}) as http:
            client = KlingVoices(API_KEY, gateway="kkiai", http_client=http, clock=clock)
            return client.create_voice("Ada", voice_url=URL)

    async def awaited(response: httpx.Response) -> None:
        hook(response)

    async def run() -> Any:
        async with httpx.AsyncClient(transport=transport, event_hooks={"response": [awaited]}) as http:
            client = AsyncKlingVoices(API_KEY, gateway="kkiai", http_client=http, clock=clock)
            return await client.create_voice("Ada", voice_url=URL)

    return asyncio.run(run())


def test_a_failing_event_hook_comes_after_the_response(kind: Kind, clock: VirtualClock) -> None:
    """If a caller's hook raises after the response, the create is looked up and not sent again, for any error."""
    gateway = Gateway(clock=clock)
    failures = [httpx.ConnectError("the metrics server is away")]

    def hook(_: httpx.Response) -> None:
        if failures:
            raise failures.pop()

    assert _hooked(kind, gateway, clock, hook).task_id == gateway.tasks[0].task_id
    assert gateway.sent == ["POST", "GET"]


@pytest.mark.parametrize("location", ["http:x", "a:b", "https://elsewhere.example/", "/" + "x" * 70_000])
def test_a_redirect_is_not_followed(kind: Kind, clock: VirtualClock, location: str) -> None:
    """A redirect leads to no second POST and to no other host; the outcome is unknown."""
    hosts = []

    def handler(request: httpx.Request) -> httpx.Response:
        hosts.append((request.method, request.url.host))
        return httpx.Response(302, headers={"location": location})

    with open_client(kind, handler, clock=clock) as call, pytest.raises(OutcomeUnknownError):
        call("create_voice", "Ada", voice_url=URL)
    assert hosts == [("POST", "www.kkiai.com"), *[("GET", "www.kkiai.com")] * 3]


@pytest.mark.parametrize("external_task_id", [7, "..", ["a"], {"a": 1}])
def test_call_checks_the_external_id(kind: Kind, clock: VirtualClock, external_task_id: Any) -> None:
    """Through `call`, too, an id that cannot be queried is reported before anything is sent."""
    gateway = Gateway(Fault("reset_after", operation=CREATE), clock=clock)
    body = {"voice_name": "Ada", "video_id": "1", "external_task_id": external_task_id}
    with open_client(kind, gateway.handle, clock=clock) as call, pytest.raises(InvalidInputError):
        call("call", "create_custom_voice", body=body)
    assert gateway.sent == []


@pytest.mark.parametrize("name", [object(), "\ud800", float("nan")])
def test_invalid_json_is_not_sent(kind: Kind, clock: VirtualClock, name: Any) -> None:
    """Arguments that cannot be written as JSON are invalid input, and not an unknown outcome."""
    gateway = Gateway(clock=clock)
    with open_client(kind, gateway.handle, clock=clock) as call, pytest.raises(InvalidInputError) as caught:
        call("call", "create_custom_voice", body={"voice_name": name, "video_id": "1"})
    assert (gateway.sent, caught.value.outcome) == ([], "not_created")


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        ({"message": "failed", "data": {"data": {"code": 1201, "message": "external_task_id already exists"}}}, True),
        ({"code": 1201, "message": ""}, True),
        ({"code": 1201, "message": "video_id does not exist"}, False),
    ],
)
def test_how_a_taken_id_is_worded(kind: Kind, clock: VirtualClock, body: Any, is_found: bool) -> None:
    """A taken id is recognised at any depth and without a message, but not if the message is about something else."""
    gateway = Gateway(clock=clock)
    answers = [httpx.Response(429), httpx.Response(400, json=body)]

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return gateway.handle(request)
        gateway.handle(request)
        return answers.pop(0)

    with open_client(kind, handler, clock=clock) as call:
        if is_found:
            assert call("create_voice", "Ada", voice_url=URL).task_id == gateway.tasks[0].task_id
        else:
            with pytest.raises(BadRequestError):
                call("create_voice", "Ada", voice_url=URL)


def test_a_new_id_that_is_taken_is_ours(kind: Kind, clock: VirtualClock) -> None:
    """If a transport delivers a create twice, the id that is already used belongs to this create."""
    gateway = Gateway(clock=clock)

    def twice(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            gateway.handle(request)
        return gateway.handle(request)

    with open_client(kind, twice, clock=clock) as call:
        assert call("create_voice", "Ada", voice_url=URL).task_id == gateway.tasks[0].task_id
    assert len(gateway.tasks) == 1


def test_an_interrupted_wait_leaves_its_id(kind: Kind, clock: VirtualClock, caplog: pytest.LogCaptureFixture) -> None:
    """An error of `on_update` after the create was accepted has a note with its id, which is also logged."""
    gateway = Gateway(clock=clock)

    def on_update(_: object) -> None:
        raise ZeroDivisionError

    with open_client(kind, gateway.handle, clock=clock) as call, pytest.raises(ZeroDivisionError) as caught:
        call("create_and_wait", "Ada", voice_url=URL, external_task_id="order-1", on_update=on_update)
    assert "recover('order-1')" in str(caught.value.__notes__)
    assert "recover('order-1')" in caplog.text


def test_wait_arguments_are_checked_before_paying(kind: Kind, clock: VirtualClock) -> None:
    """An invalid `on_update` or timeout is reported before the create is sent."""
    gateway = Gateway(clock=clock)
    with open_client(kind, gateway.handle, clock=clock) as call:
        for wrong in ({"on_update": "print"}, {"timeout": float("nan")}, {"timeout": -1}, {"timeout": 10**400}):
            with pytest.raises(InvalidInputError):
                call("create_and_wait", "Ada", voice_url=URL, **wrong)
    assert gateway.sent == []


def test_the_timeout_covers_the_headers() -> None:
    """A response whose headers never arrive ends at the timeout of the request."""

    async def hanging(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(hanging)) as http:
            client = AsyncKlingVoices(
                API_KEY, gateway="kkiai", http_client=http, timeout=0.05, max_retries=0, clock=VirtualClock()
            )
            with pytest.raises(ConnectionFailedError):
                await asyncio.wait_for(client.get_task("1"), 5)

    asyncio.run(run())


def test_the_callers_own_settings_do_not_replace_ours(kind: Kind) -> None:
    """The settings of the caller's client are used, except its auth, its key and its base URL."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"voice_name": "Ada"})

    options: dict[str, Any] = {
        "transport": httpx.MockTransport(handler),
        "auth": ("user", "password"),
        "headers": {"Authorization": "Bearer theirs", "X-Theirs": "1"},
        "base_url": "https://elsewhere.example/",
        "follow_redirects": True,
    }
    if kind == "sync":
        with httpx.Client(**options) as http:
            KlingVoices(API_KEY, gateway="kkiai", http_client=http).create_voice("Ada", voice_url=URL)
            assert not http.is_closed
    else:

        async def run() -> None:
            async with httpx.AsyncClient(**options) as http:
                await AsyncKlingVoices(API_KEY, gateway="kkiai", http_client=http).create_voice("Ada", voice_url=URL)

        asyncio.run(run())
    assert [request.headers.get_list("authorization") for request in seen] == [[f"Bearer {API_KEY}"]]
    assert (seen[0].headers["x-theirs"], seen[0].url.host) == ("1", "www.kkiai.com")


@pytest.mark.parametrize(
    ("data", "is_shown"),
    [
        ({"task_id": "7", "task_info": {"external_task_id": "order-1"}}, True),
        ({"task_id": "7", "task_info": {"external_task_id": ""}}, True),
        ({"task_id": "7"}, True),
        ({"voice_name": "Ada", "external_task_id": "order-1"}, True),
        ({"voice_name": "Ada"}, False),
        ({"task_id": "7", "task_info": {"external_task_id": "order-2"}}, False),
        ([{"task_id": "7"}], False),
        ("7", False),
    ],
)
def test_which_response_shows_the_task(data: Any, is_shown: bool) -> None:
    """The response to a query shows our task if it names a task and no other external id."""
    assert _is_task_of(Success(data, data, None, 200), "order-1") is is_shown


def test_a_rejected_key_ends_the_lookup(kind: Kind, clock: VirtualClock) -> None:
    """If the gateway rejects the key of a lookup, no further lookup follows, and the outcome is unknown."""
    gateway = Gateway(
        Fault("reset_after", operation=CREATE),
        Fault("shape_before", operation=QUERY, shape="kling 401 1002"),
        clock=clock,
    )
    with pytest.raises(OutcomeUnknownError):
        _create(kind, gateway, clock)
    assert gateway.sent == ["POST", "GET"]
