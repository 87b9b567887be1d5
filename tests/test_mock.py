"""The mock gateway: what it refuses, what it remembers, and its three doors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from kling_voices import AsyncKlingVoices, InvalidInputError, KlingVoices
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._messages import Request
from kling_voices.mock._server import serving

from tests.support.clients import API_KEY as KEY
from tests.support.clients import IN_PROCESS, Kind
from tests.support.clients import open_client as calling

CREATE = "/kling/v1/general/custom-voices"
BODY = {"voice_name": "Ada", "voice_url": "https://example.com/ada.mp3", "external_task_id": "order-1"}
AUTH = {"Authorization": "Bearer mock-key"}
JSON = {**AUTH, "Content-Type": "application/json"}

Ask = Callable[..., httpx.Response]


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that both mock and test can turn."""
    return VirtualClock()


@pytest.fixture
def gateway(clock: VirtualClock) -> MockGateway:
    """A mock whose tasks take ten seconds."""
    return MockGateway(clock=clock, creation_seconds=10)


@pytest.fixture(params=["transport", "asgi", "server"])
def ask(request: pytest.FixtureRequest, gateway: MockGateway) -> Iterator[Ask]:
    """The mock through each of its doors."""
    if request.param == "transport":
        with httpx.Client(transport=httpx.MockTransport(gateway.handle), base_url="http://mock") as http:
            yield http.request
        return
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        base_url, transport = "http://mock", None
        if request.param == "asgi":
            transport = httpx.ASGITransport(gateway.asgi_app)
        else:
            base_url = runner.run(stack.enter_async_context(serving(gateway.reply, "127.0.0.1", 0)))
        client = runner.run(stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=base_url)))
        yield lambda *args, **kwargs: runner.run(client.request(*args, **kwargs))
        runner.run(stack.aclose())


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "status", "code"),
    [
        ("POST", CREATE, {"Content-Type": "application/json"}, json.dumps(BODY), 401, 1001),
        ("POST", CREATE, {**JSON, "Authorization": "Bearer wrong"}, json.dumps(BODY), 401, 1002),
        ("POST", CREATE, {**JSON, "Authorization": "mock-key"}, json.dumps(BODY), 401, 1002),
        ("POST", CREATE, {**JSON, "Authorization": "Bearer mock-key-and-more"}, json.dumps(BODY), 401, 1002),
        ("POST", CREATE, AUTH, json.dumps(BODY), 415, 1200),
        ("POST", CREATE, {**AUTH, "Content-Type": "text/plain"}, json.dumps(BODY), 415, 1200),
        ("POST", CREATE, JSON, '{"voice_name": ', 400, 1200),
        ("POST", CREATE, JSON, "", 400, 1200),
        ("POST", CREATE, JSON, "[" * 50_000, 400, 1200),
        ("POST", CREATE, JSON, '{"voice_name": NaN}', 400, 1200),
        ("POST", CREATE, JSON, " " * (1024 * 1024 + 1), 400, 1200),
        ("POST", CREATE, JSON, '{"voice_name": "Ada", "video_id": "1", "external_task_id": "\\ud83d"}', 400, 1200),
        ("POST", CREATE, JSON, "[]", 400, 1201),
        ("POST", CREATE, JSON, json.dumps({**BODY, "video_id": "1"}), 400, 1201),
        ("POST", CREATE, JSON, json.dumps({"voice_name": "Ada"}), 400, 1201),
        ("POST", CREATE, JSON, json.dumps({**BODY, "voice_name": "A" * 21}), 400, 1201),
        ("PUT", CREATE, JSON, json.dumps(BODY), 405, 1202),
        ("DELETE", CREATE + "/1", AUTH, "", 405, 1202),
        ("GET", CREATE + "/nobody", AUTH, "", 400, 1201),
        ("GET", "/kling/v1/general/nothing", AUTH, "", 404, 1203),
    ],
)
def test_refusals(
    ask: Ask, gateway: MockGateway, method: str, path: str, headers: Any, content: str, status: int, code: int
) -> None:
    """Each kind of wrong request gets the answer that the contract describes, through each door, and charges nobody."""
    answer = ask(method, path, headers=headers, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert gateway.tasks == ()
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    if status == 405:
        assert answer.headers["allow"]


def test_the_life_of_a_task(ask: Ask, clock: VirtualClock) -> None:
    """Submitted, processing, succeeded, by the clock alone; found by both ids; a taken external id is refused."""
    created = ask("POST", CREATE, headers=JSON, content=json.dumps(BODY)).json()["data"]
    seen = []
    for seconds in (0, 2, 7, 1):
        clock.advance(seconds)
        either = (created["task_id"], "order-1")
        seen += [ask("GET", f"{CREATE}/{either_id}", headers=AUTH).json()["data"] for either_id in either]
    assert [task["task_status"] for task in seen] == ["submitted"] * 2 + ["processing"] * 4 + ["succeed"] * 2
    assert seen[-1]["task_result"]["voices"][0]["voice_name"] == "Ada"
    assert seen[-1]["updated_at"] - seen[-1]["created_at"] == 10_000
    again = ask("POST", CREATE, headers=JSON, content=json.dumps(BODY))
    assert (again.status_code, again.json()["code"]) == (400, 1201)


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_pages_do_not_overlap(ask: Ask, size: int) -> None:
    """The pages of tasks, the newest first, and of presets: each exactly once, full but for the last."""
    for number in range(5):
        ask("POST", CREATE, headers=JSON, content=json.dumps({**BODY, "external_task_id": f"order-{number}"}))

    def pages(path: str, total: int) -> list[list[str]]:
        numbers = range(1, total // size + 2)
        answers = [ask("GET", path, headers=AUTH, params={"pageNum": n, "pageSize": size}).json() for n in numbers]
        return [[task["task_id"] for task in answer["data"]] for answer in answers]

    tasks = pages(CREATE, 5)
    assert [task for page in tasks for task in page] == [str(830000000000000000 + number) for number in (5, 4, 3, 2, 1)]
    presets = [preset for page in pages("/kling/v1/general/presets-voices", 45) for preset in page]
    assert len(presets) == len(set(presets)) == 45


def test_ids_are_percent_decoded(ask: Ask) -> None:
    """An external id with a slash and a letter beyond ASCII is found."""
    ask("POST", CREATE, headers=JSON, content=json.dumps({**BODY, "external_task_id": "a/b ü"}))
    assert ask("GET", f"{CREATE}/a%2Fb%20%C3%BC", headers=AUTH).status_code == 200


def test_the_documented_dialect_echoes() -> None:
    """A create is answered as the supplied example shows: the request's five fields, empty where absent (S)."""
    gateway = MockGateway(dialect="documented")
    with httpx.Client(transport=httpx.MockTransport(gateway.handle)) as http:
        answer = http.post(f"http://mock{CREATE}", headers=AUTH, json={"voice_name": "Ada", "video_id": "1"})
    assert answer.json() == {
        "voice_name": "Ada",
        "voice_url": "",
        "video_id": "1",
        "callback_url": "",
        "external_task_id": "",
    }


def test_an_unknown_dialect_is_refused() -> None:
    """The two dialects are named."""
    with pytest.raises(InvalidInputError, match="give 'kling' or 'documented'"):
        MockGateway(dialect="other")  # type: ignore[arg-type]


def test_the_embedded_mock_needs_no_key() -> None:
    """`gateway="mock"` makes a voice in process, for both clients; a wrong key is refused as anywhere."""
    from kling_voices import AuthenticationError

    with KlingVoices(gateway="mock", clock=VirtualClock()) as client:
        assert client.create_voice("Ada", voice_url=BODY["voice_url"]).task_id
        assert client.get_task("830000000000000001").voice_name is None
    with KlingVoices("wrong", gateway="mock") as client, pytest.raises(AuthenticationError):
        client.create_voice("Ada", voice_url=BODY["voice_url"])

    async def asynchronous() -> str | None:
        async with AsyncKlingVoices(gateway="mock") as client:
            return (await client.create_voice("Ada", voice_url=BODY["voice_url"])).task_id

    assert asyncio.run(asynchronous())


def test_the_repr_hides_the_key() -> None:
    """Who prints a mock sees its dialect and how many tasks it has."""
    assert repr(MockGateway("sk-secret")) == "MockGateway(dialect='kling', tasks=0)"


def _converse(gateway: MockGateway, *pieces: bytes) -> bytes:
    """Send raw bytes to the server, and read until it closes."""

    async def run() -> bytes:
        async with serving(gateway.reply, "127.0.0.1", 0) as base_url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
            received = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return received

    return asyncio.run(run())


def test_what_is_not_http_is_refused_at_once(gateway: MockGateway) -> None:
    """A line that is no request gets 400 and a closed connection, and does not hang."""
    assert _converse(gateway, b"HELLO\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_connection_serves_several_requests(gateway: MockGateway) -> None:
    """Two requests on one connection get two answers; HEAD gets no body."""
    get = b"GET /nothing HTTP/1.1\r\nHost: mock\r\n\r\n"
    received = _converse(gateway, get, get.replace(b"GET", b"HEAD"))
    assert received.count(b"HTTP/1.1 404") == 2
    assert received.count(b'"code":1203') == 1


@pytest.mark.parametrize("kind", ["forget", "lose_callback"])
@pytest.mark.parametrize("body", [b'{"external_task_id": [1]}', b"[" * 200_000, b"no JSON", b"[]"])
def test_faults_that_look_into_a_body(kind: Any, body: bytes, gateway: MockGateway) -> None:
    """A body that is refused is refused all the same."""
    gateway.misbehave(Fault(kind))
    reply = gateway.reply(Request("POST", CREATE, "", [(name.lower(), value) for name, value in JSON.items()], body))
    assert reply.status == 400


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize(("seconds", "is_in_time"), [(1, True), (61, False)])
def test_a_late_answer_in_process(kind: Kind, seconds: float, is_in_time: bool) -> None:
    """Nobody rests in process: it is there at once, or later than either client waits, and then found by a query."""
    gateway = MockGateway(KEY, faults=[Fault("late", operation="create_custom_voice", seconds=seconds)])
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return gateway.handle(request)

    with calling(kind, handle) as call:
        assert call("create_voice", "Ada", voice_url=BODY["voice_url"]).task_id == gateway.tasks[0].task_id
    assert asked == ["POST"] if is_in_time else ["POST", "GET"]


def _conversation(gateway: MockGateway, *lines: str) -> bytes:
    """All that the server sends for two requests with those header lines."""

    async def run() -> bytes:
        async with serving(gateway.reply, "127.0.0.1", 0) as base_url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
            for _ in range(2):
                writer.write("\r\n".join((f"GET {CREATE}/1 HTTP/1.1", "host: x", *lines, "", "")).encode())
            writer.write_eof()
            sent = await reader.read()
            writer.close()
            return sent

    return asyncio.run(run())


def test_a_status_without_a_body_has_no_length() -> None:
    """A 204 says nothing of a length (RFC 9110), and the connection goes on."""
    sent = _conversation(MockGateway(faults=[Fault("shape_before", shape="empty 204")]))
    assert sent.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert (sent.count(b"HTTP/1.1 204 No Content\r\n"), b"content-length" in sent.lower()) == (2, False)


@pytest.mark.parametrize(
    ("lines", "answers"), [((), 2), (("upgrade: h2c", "connection: upgrade"), 2), (("connection: close",), 1)]
)
def test_how_long_a_connection_lasts(gateway: MockGateway, lines: tuple[str, ...], answers: int) -> None:
    """Until the client wants no more; an offer to speak another protocol is passed over."""
    sent = _conversation(gateway, *lines).lower()
    assert (sent.count(b"http/1.1 401"), b"connection: close" in sent) == (answers, answers == 1)


def test_the_end_waits_for_no_client(gateway: MockGateway) -> None:
    """A client that asks and asks and reads nothing does not hold up the server's end."""

    async def run() -> None:
        async with serving(gateway.reply, "127.0.0.1", 0) as base_url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(f"GET {CREATE}/{'1' * 500} HTTP/1.1\r\nhost: x\r\n\r\n".encode() * 20_000)
            await asyncio.sleep(0.2)
        writer.transport.abort()

    asyncio.run(asyncio.wait_for(run(), 10))


@pytest.mark.parametrize(("kind", "found", "called_back"), [("forget", 400, 1), ("lose_callback", 200, 0)])
def test_only_a_create_that_was_accepted_is_lost(kind: Any, found: int, called_back: int, gateway: MockGateway) -> None:
    """A create that is refused, because its id is taken, takes nothing from the task that has the id."""
    headers = [(name.lower(), value) for name, value in JSON.items()]
    told = {**BODY, "callback_url": "https://example.com/told"}
    create, query = (
        Request("POST", CREATE, "", headers, json.dumps(told).encode()),
        Request("GET", f"{CREATE}/order-1", "", headers, b""),
    )
    assert gateway.reply(create).status == 200
    gateway.misbehave(Fault(kind, operation="create_custom_voice"))
    assert gateway.reply(create).status == 400
    assert (gateway.reply(query).status, len(gateway.callbacks)) == (200, 1)
    other = MockGateway(
        clock=VirtualClock(), creation_seconds=10, faults=[Fault(kind, operation="create_custom_voice")]
    )
    assert other.reply(create).status == 200
    assert (other.reply(query).status, len(other.callbacks)) == (found, called_back)
