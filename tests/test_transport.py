"""The connections: kept, shared, closed at any time; over aiohttp or not, the same to who uses or mocks them."""

from __future__ import annotations

import asyncio
import functools
import gc
import gzip
import itertools
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
import respx
from kling_voices import AsyncKlingVoices, ConnectionFailedError, InvalidInputError, KlingVoices
from kling_voices import _transport as transport
from kling_voices.mock import Fault, MockGateway
from kling_voices.mock._messages import Reply, Request
from kling_voices.mock._server import serving

from contract_tests.harness.threads import in_a_thread

URL = "https://example.com/ada.mp3"
CREATED = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"task_id": "7", "task_status": "submitted"}}


class Counted:
    """A mock gateway on a socket that counts the connections to it."""

    def __init__(self, *faults: Fault) -> None:
        self.gateway = MockGateway("k", faults=faults)
        self.connections = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Serve through a relay that counts who connects."""
        async with serving(self.gateway.reply, "127.0.0.1", 0) as base_url:
            target = int(base_url.rpartition(":")[2])

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                self.connections += 1
                upstream = await asyncio.open_connection("127.0.0.1", target)
                await asyncio.gather(_pump(reader, upstream[1]), _pump(upstream[0], writer))

            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            async with server:
                yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture(params=["aiohttp", "httpx"])
def over(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With the extra, and as if it were not installed."""
    chosen: str = request.param
    if chosen == "httpx":
        import sys

        monkeypatch.setitem(sys.modules, "kling_voices._aiohttp", None)
    return chosen


def test_what_it_goes_over_is_in_the_repr(over: str) -> None:
    """Who looks at an asynchronous client sees whether it goes over aiohttp; a blocking one has no choice."""
    assert repr(AsyncKlingVoices("k", gateway="kkiai")) == f"AsyncKlingVoices(gateway='kkiai', transport={over!r})"
    assert repr(AsyncKlingVoices(gateway="mock")) == "AsyncKlingVoices(gateway='mock', transport='mock')"
    given = AsyncKlingVoices("k", gateway="kkiai", http_client=httpx.AsyncClient())
    assert repr(given) == "AsyncKlingVoices(gateway='kkiai', transport='given')"
    assert repr(KlingVoices("k", gateway="kkiai")) == "KlingVoices(gateway='kkiai')"


def test_connections_are_reused(over: str) -> None:  # noqa: ARG001 - the fixture
    """One after another goes over one connection; many at a time over as many as there are at a time, and no more."""

    async def run() -> tuple[int, int]:
        counted = Counted()
        async with counted.open() as base_url, AsyncKlingVoices("k", gateway=base_url) as client:
            for _ in range(20):
                await client.create_voice("Ada", voice_url=URL)
            one = counted.connections
            for _ in range(3):
                await asyncio.gather(*(client.create_voice("Ada", voice_url=URL) for _ in range(30)))
        assert len(counted.gateway.tasks) == 110
        return one, counted.connections

    one_by_one, at_a_time = asyncio.run(run())
    assert one_by_one == 1
    assert at_a_time <= 30


def test_a_thousand_at_once() -> None:
    """They take turns on a hundred connections, and each is made once."""

    async def run() -> Counted:
        counted = Counted()
        async with counted.open() as base_url, AsyncKlingVoices("k", gateway=base_url) as client:
            await asyncio.gather(*(client.create_voice("Ada", voice_url=URL) for _ in range(1000)))
        return counted

    counted = asyncio.run(run())
    assert (len(counted.gateway.tasks), counted.connections <= 100) == (1000, True)


def test_waiting_for_a_turn_is_no_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one connection, a request whose turn comes after its whole time has passed still has that time."""
    monkeypatch.setattr("kling_voices.client.CONNECTIONS", 1)
    never: Callable[[], Any] = asyncio.Event().wait
    answers: Iterator[Callable[[], Any]] = itertools.chain([never], itertools.repeat(partial(asyncio.sleep, 0)))

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await next(answers)()
            return httpx.Response(200, json=CREATED, request=request)

    async def run() -> list[Any]:
        client = AsyncKlingVoices("k", gateway="kkiai", timeout=0.1, max_retries=0)
        client._http._transport = Slow()
        return list(await asyncio.gather(client.get_task("1"), client.get_task("7"), return_exceptions=True))

    first, second = asyncio.run(run())
    assert isinstance(first, ConnectionFailedError)
    assert second.task_id == "7"


def test_threads_share_a_client() -> None:
    """Eight threads make voices with one client: each is made once, over no more connections than threads."""
    counted = Counted()
    with (
        in_a_thread(counted.open()) as base_url,
        KlingVoices("k", gateway=base_url) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        made = list(pool.map(lambda _: client.create_voice("Ada", voice_url=URL).task_id, range(100)))
    assert (len(set(made)), counted.connections <= 8) == (100, True)


def test_one_tls_context_a_process(monkeypatch: pytest.MonkeyPatch, over: str) -> None:  # noqa: ARG001 - the fixture
    """Making one takes 20 ms, so clients share it; another certificate file makes another."""
    made: list[int] = []
    real = httpx.create_ssl_context

    def counted(*args: Any, **kwargs: Any) -> Any:
        if not args and not kwargs:
            made.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    transport._tls_context.cache_clear()
    for _ in range(3):
        KlingVoices("k", gateway="kkiai")
        AsyncKlingVoices("k", gateway="kkiai")
    assert len(made) == 1
    import certifi

    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    KlingVoices("k", gateway="kkiai")
    assert len(made) == 2
    transport._tls_context.cache_clear()


def test_closing(over: str, caplog: pytest.LogCaptureFixture) -> None:
    """Twice, late, never: nothing is raised or logged, and a closed client says so."""

    async def run() -> None:
        counted = Counted()
        async with counted.open() as base_url:
            client = AsyncKlingVoices("k", gateway=base_url)
            await client.close()
            await client.close()
            with pytest.raises(InvalidInputError, match="this client is closed"):
                await client.get_task("1")
            used = AsyncKlingVoices("k", gateway=base_url)
            await used.create_voice("Ada", voice_url=URL)
            await used.close()
            await used.close()
            if over == "aiohttp":  # httpx alone leaves its sockets to the collector
                forgotten = AsyncKlingVoices("k", gateway=base_url)
                await forgotten.create_voice("Ada", voice_url=URL)
                del forgotten
                gc.collect()
                await asyncio.sleep(0)

    with caplog.at_level(logging.DEBUG, "asyncio"):
        asyncio.run(run())
        gc.collect()
    assert [record.message for record in caplog.records if "nclosed" in record.message] == []
    blocking = KlingVoices("k", gateway="kkiai")
    blocking.close()
    blocking.close()


def test_cancelling_one_leaves_the_others(over: str) -> None:  # noqa: ARG001 - the fixture
    """A create that is cancelled gives its turn and its connection back; the client goes on."""

    async def run() -> str | None:
        counted = Counted(Fault("no_answer", operation="create_custom_voice", times=100))
        async with counted.open() as base_url, AsyncKlingVoices("k", gateway=base_url) as client:
            stuck = [asyncio.create_task(client.create_voice("Ada", voice_url=URL)) for _ in range(100)]
            while counted.gateway._exchanges < 100:  # noqa: ASYNC110 - the mock has no event for it
                await asyncio.sleep(0.01)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
            return (await client.create_voice("Ada", voice_url=URL)).task_id

    assert asyncio.run(asyncio.wait_for(run(), 20))


def test_proxies_of_the_environment(over: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - the fixture
    """A request goes to the proxy that the environment names, in the form that a proxy reads."""
    seen: list[bytes] = []

    async def run() -> None:
        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.readline())
            body = json.dumps(CREATED).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with server, AsyncKlingVoices("k", gateway="http://gateway.example") as client:
            await client.get_task("7")

    asyncio.run(run())
    assert seen == [b"GET http://gateway.example/kling/v1/general/custom-voices/7 HTTP/1.1\r\n"]


def test_a_refused_connection_is_not_created(over: str) -> None:  # noqa: ARG001 - the fixture
    """Where nobody listens nothing was sent, and the create is known not to have happened."""

    async def run() -> ConnectionFailedError:
        async with AsyncKlingVoices("k", gateway="http://127.0.0.1:9", max_retries=0) as client:
            with pytest.raises(ConnectionFailedError) as caught:
                await client.create_voice("Ada", voice_url=URL)
        return caught.value

    assert asyncio.run(run()).outcome == "not_created"


def test_cookies_are_kept(over: str) -> None:  # noqa: ARG001 - the fixture
    """What a gateway, or what stands before it, sets as a cookie comes back with the next request."""
    seen: list[list[str]] = []

    def reply(came: Request) -> Reply:
        seen.append(came.header("cookie"))
        return Reply.json(200, CREATED, set_cookie="route=7; Path=/")

    async def run() -> None:
        async with serving(reply, "127.0.0.1", 0) as base_url, AsyncKlingVoices("k", gateway=base_url) as client:
            await client.get_task("7")
            await client.get_task("7")

    asyncio.run(run())
    assert seen == [[], ["route=7"]]


class _Proxy:
    """A function in the place of another that passes for it in all but its type, as wrapt's do."""

    def __init__(self, wrapped: Any, function: Any) -> None:
        self.__wrapped__, self._function = wrapped, function

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else functools.partial(self._function, instance)


@pytest.mark.parametrize("proxied", [False, True], ids=["functools.wraps", "proxy"])
@pytest.mark.parametrize("name", ["send", "_send_handling_auth", "_send_handling_redirects", "_send_single_request"])
def test_what_is_put_in_the_place_of_sending_is_called(
    over: str,  # noqa: ARG001 - the fixture
    name: str,
    proxied: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tracer that wraps how httpx sends, or a recorder, sees each request, and what it adds goes out."""
    real, traced = getattr(httpx.AsyncClient, name), []

    @functools.wraps(real)
    async def send(self: Any, request: httpx.Request, **how: Any) -> httpx.Response:
        traced.append(request.url.path)
        request.headers["X-Trace"] = "17"
        return await real(self, request, **how)  # type: ignore[no-any-return]

    monkeypatch.setattr(httpx.AsyncClient, name, _Proxy(real, send) if proxied else send)
    seen: list[list[str]] = []

    def reply(came: Request) -> Reply:
        seen.append(came.header("x-trace"))
        return Reply.json(200, CREATED)

    async def run() -> None:
        async with serving(reply, "127.0.0.1", 0) as base_url, AsyncKlingVoices("k", gateway=base_url) as client:
            await client.get_task("7")

    asyncio.run(run())
    assert (traced, seen) == (["/kling/v1/general/custom-voices/7"], [["17"]])


def test_an_answer_that_a_hook_has_read(over: str) -> None:  # noqa: ARG001 - the fixture
    """A caller's event hook that reads the answer, to log it, takes nothing away from the call."""
    logged = []

    async def aread(response: httpx.Response) -> None:
        logged.append(await response.aread())

    async def run() -> str | None:
        async with (
            serving(lambda _: Reply.json(200, CREATED), "127.0.0.1", 0) as base_url,
            httpx.AsyncClient(event_hooks={"response": [aread]}) as http,
        ):
            return (await AsyncKlingVoices("k", gateway=base_url, http_client=http).get_task("7")).task_id

    assert asyncio.run(run()) == "7"
    with (
        in_a_thread(serving(lambda _: Reply.json(200, CREATED), "127.0.0.1", 0)) as base_url,
        httpx.Client(event_hooks={"response": [lambda response: logged.append(response.read())]}) as http,
    ):
        assert KlingVoices("k", gateway=base_url, http_client=http).get_task("7").task_id == "7"
    assert [json.loads(body) for body in logged] == [CREATED, CREATED]


def test_compressed_answers(over: str) -> None:  # noqa: ARG001 - the fixture
    """A body that is compressed on the wire is read as any other, by each client."""
    body = gzip.compress(json.dumps(CREATED).encode())
    packed = Reply(200, body, (("content-type", "application/json"), ("content-encoding", "gzip")))

    async def run() -> str | None:
        async with (
            serving(lambda _: packed, "127.0.0.1", 0) as base_url,
            AsyncKlingVoices("k", gateway=base_url) as client,
        ):
            return (await client.get_task("7")).task_id

    assert asyncio.run(run()) == "7"
    with (
        in_a_thread(serving(lambda _: packed, "127.0.0.1", 0)) as base_url,
        KlingVoices("k", gateway=base_url) as client,
    ):
        assert client.get_task("7").task_id == "7"


def _with_respx(using: str) -> Callable[[pytest.MonkeyPatch], Any]:
    return lambda _: respx.mock(using=using, assert_all_called=False)


@contextmanager
def _patched_by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def handle(_: Any, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=CREATED, request=request)

    with monkeypatch.context() as patch:
        patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
        yield


@contextmanager
def _proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    async def handle(_: Any, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=CREATED, request=request)

    with monkeypatch.context() as patch:
        real = httpx.AsyncHTTPTransport.handle_async_request
        patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", _Proxy(real, handle))
        assert "transport='httpx'" in repr(AsyncKlingVoices("k", gateway="kkiai"))
        yield


@pytest.mark.parametrize("mocking", [_with_respx("httpcore"), _with_respx("httpx"), _patched_by_hand, _proxied])
def test_mocks_of_httpx_hold(over: str, mocking: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """In a test that mocks httpx, no request reaches the network because aiohttp is installed: it could be charged."""

    async def run() -> str | None:
        with mocking(monkeypatch) as router:
            if router is not None:
                router.post("https://www.kkiai.com/kling/v1/general/custom-voices").respond(json=CREATED)
            async with AsyncKlingVoices("k", gateway="kkiai") as client:
                return (await client.create_voice("Ada", voice_url=URL)).task_id

    assert asyncio.run(run()) == "7"


def test_each_request_is_logged_by_httpx(over: str, caplog: pytest.LogCaptureFixture) -> None:  # noqa: ARG001
    """Whoever reads httpx's log finds a line for each request, whatever it goes over."""

    async def run() -> None:
        async with (
            serving(lambda _: Reply.json(200, CREATED), "127.0.0.1", 0) as base_url,
            AsyncKlingVoices("k", gateway=base_url) as client,
        ):
            await client.get_task("7")

    with caplog.at_level(logging.INFO, "httpx"):
        asyncio.run(run())
    (line,) = [record.message for record in caplog.records if record.name == "httpx"]
    assert line.startswith("HTTP Request: GET http://127.0.0.1:")
    assert line.endswith('/kling/v1/general/custom-voices/7 "HTTP/1.1 200 OK"')


def test_closed_while_waiting_for_a_turn(over: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """A create whose turn comes after the client is closed is not sent, and says so."""
    monkeypatch.setattr("kling_voices.client.CONNECTIONS", 1)

    async def run() -> tuple[Any, int]:
        gateway = MockGateway("k")
        async with serving(gateway.reply, "127.0.0.1", 0) as base_url:
            client = AsyncKlingVoices("k", gateway=base_url)
            async with client._turns.of_this_loop():
                waiting = asyncio.create_task(client.create_voice("Ada", voice_url=URL))
                await asyncio.sleep(0)
                await client.close()
            (ended,) = await asyncio.gather(waiting, return_exceptions=True)
            return ended, len(gateway.tasks)

    ended, charged = asyncio.run(run())
    assert isinstance(ended, InvalidInputError)
    assert (ended.outcome, charged) == ("not_created", 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sockets of a loop that has ended
def test_a_client_in_two_event_loops(over: str) -> None:
    """One client that is used in one `asyncio.run` after another makes voices in each, and each once."""
    creates = 120 if over == "aiohttp" else 5  # httpx waits long for the connections of the loop before
    gateway = MockGateway("k")

    async def create_many(client: AsyncKlingVoices) -> None:
        await asyncio.gather(*(client.create_voice("Ada", voice_url=URL) for _ in range(creates)))

    def in_three_loops(client: AsyncKlingVoices) -> None:
        for _ in range(3):
            asyncio.run(create_many(client))

    with in_a_thread(serving(gateway.reply, "127.0.0.1", 0)) as base_url:
        in_three_loops(AsyncKlingVoices("k", gateway=base_url))
        gc.collect()
    assert len(gateway.tasks) == 3 * creates


def test_a_broken_body_tells_its_request(over: str) -> None:  # noqa: ARG001 - the fixture
    """What broke while the body was read is an error of httpx that names the request, for who logs it."""

    async def run() -> BaseException | None:
        gateway = MockGateway("k", faults=[Fault("cut_short")])
        async with (
            serving(gateway.reply, "127.0.0.1", 0) as base_url,
            AsyncKlingVoices("k", gateway=base_url, max_retries=0) as client,
        ):
            with pytest.raises(ConnectionFailedError) as caught:
                await client.get_task("7")
        return caught.value.__cause__

    cause = asyncio.run(run())
    assert isinstance(cause, httpx.RequestError)
    assert cause.request.url.path == "/kling/v1/general/custom-voices/7"
