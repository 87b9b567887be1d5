"""HTTP connections: reuse, limits, closing, and interception by the usual mocking libraries."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import anyio
import certifi
import httpx
import pytest
import trio
from kling_voices import AsyncKlingVoices, ConnectionFailedError, InvalidInputError, KlingVoices, aiohttp_client
from kling_voices._http.clients import tls_context
from kling_voices.mock import Fault, MockGateway
from kling_voices.mock._messages import Reply, Request
from kling_voices.mock._server import serving

from tests.support.servers import NoSleepClock, serve, serve_replies
from tests.support.threads import open_in_thread

URL = "https://example.com/ada.mp3"
CREATED = {"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"task_id": "7", "task_status": "submitted"}}


class Counted:
    """A mock gateway on a socket that counts the connections to it: all of them, and the most at the same time."""

    def __init__(self, *faults: Fault) -> None:
        self.gateway = MockGateway("k", faults=faults)
        self.connections = 0
        self.peak = 0
        self._open = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Serve through a relay that counts connections."""
        async with serving(self.gateway.reply, "127.0.0.1", 0) as base_url:
            target = int(base_url.rpartition(":")[2])

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                self.connections += 1
                self._open += 1
                self.peak = max(self.peak, self._open)
                upstream = await asyncio.open_connection("127.0.0.1", target)
                await asyncio.gather(_pump(reader, upstream[1]), _pump(upstream[0], writer))
                self._open -= 1

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


OpenClient: TypeAlias = Callable[..., AbstractAsyncContextManager[AsyncKlingVoices]]


@pytest.fixture(params=["httpx", "aiohttp"])
def open_client(request: pytest.FixtureRequest) -> OpenClient:
    """Opens an asynchronous client for a base URL: with its own connections, or over aiohttp's."""

    @asynccontextmanager
    async def open_client(base_url: str, **options: Any) -> AsyncIterator[AsyncKlingVoices]:
        if request.param == "httpx":
            async with AsyncKlingVoices("k", gateway=base_url, **options) as client:
                yield client
        else:
            async with aiohttp_client() as http:
                yield AsyncKlingVoices("k", gateway=base_url, http_client=http, **options)

    return open_client


def test_connections_are_reused(open_client: OpenClient) -> None:
    """Sequential requests share one connection; concurrent ones use no more connections than there are requests."""

    async def run() -> tuple[int, int]:
        counted = Counted()
        async with counted.open() as base_url, open_client(base_url) as client:
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


def test_hundreds_of_concurrent_creates(open_client: OpenClient) -> None:
    """They share at most 100 connections at the same time, and each voice is created once."""

    async def run() -> Counted:
        counted = Counted()
        async with counted.open() as base_url, open_client(base_url) as client:
            await asyncio.gather(*(client.create_voice("Ada", voice_url=URL) for _ in range(150)))
        return counted

    counted = asyncio.run(run())
    assert (len(counted.gateway.tasks), counted.peak <= 100) == (150, True)


def test_threads_share_a_client() -> None:
    """Eight threads share one client: each voice is created once, over at most eight connections."""
    counted = Counted()
    with (
        open_in_thread(counted.open()) as base_url,
        KlingVoices("k", gateway=base_url) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        made = list(pool.map(lambda _: client.create_voice("Ada", voice_url=URL).task_id, range(100)))
    assert (len(set(made)), counted.connections <= 8) == (100, True)


def test_cancelled_creates_release_their_connections(open_client: OpenClient) -> None:
    """A cancelled create releases its slot and its connection."""

    async def run() -> str | None:
        counted = Counted(Fault("no_answer", operation="create_custom_voice", times=100))
        async with counted.open() as base_url, open_client(base_url) as client:
            stuck = [asyncio.create_task(client.create_voice("Ada", voice_url=URL)) for _ in range(100)]
            while len(counted.gateway.exchanges) < 100:  # noqa: ASYNC110 - the mock has no event for it
                await asyncio.sleep(0.01)
            for task in stuck:
                task.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
            return (await client.create_voice("Ada", voice_url=URL)).task_id

    assert asyncio.run(asyncio.wait_for(run(), 20))


def test_proxies_of_the_environment(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request goes to the proxy of the environment variable, in the form for proxies."""
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
        async with server, open_client("http://gateway.example") as client:
            await client.get_task("7")

    asyncio.run(run())
    assert seen == [b"GET http://gateway.example/kling/v1/general/custom-voices/7 HTTP/1.1\r\n"]


def test_a_refused_connection_is_not_created(open_client: OpenClient) -> None:
    """If the connection is refused, nothing was sent, so nothing was created."""

    async def run() -> ConnectionFailedError:
        async with open_client("http://127.0.0.1:9", max_retries=0) as client:
            with pytest.raises(ConnectionFailedError) as caught:
                await client.create_voice("Ada", voice_url=URL)
        return caught.value

    assert asyncio.run(run()).outcome == "not_created"


def test_cookies_are_kept(open_client: OpenClient) -> None:
    """A cookie of a response is sent with the next request, for example to a load balancer."""
    seen: list[list[str]] = []

    def reply(came: Request) -> Reply:
        seen.append(came.header("cookie"))
        return Reply.json(200, CREATED, set_cookie="route=7; Path=/")

    async def run() -> None:
        async with serving(reply, "127.0.0.1", 0) as base_url, open_client(base_url) as client:
            await client.get_task("7")
            await client.get_task("7")

    asyncio.run(run())
    assert seen == [[], ["route=7"]]


def test_event_hooks_may_read_the_response() -> None:
    """A caller's event hook may read the response, for example to log it; the call still works."""
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
        serve_replies(lambda _: Reply.json(200, CREATED)) as base_url,
        httpx.Client(event_hooks={"response": [lambda response: logged.append(response.read())]}) as http,
    ):
        assert KlingVoices("k", gateway=base_url, http_client=http).get_task("7").task_id == "7"
    assert [json.loads(body) for body in logged] == [CREATED, CREATED]


def test_compressed_responses(open_client: OpenClient) -> None:
    """A compressed body is decompressed."""
    body = gzip.compress(json.dumps(CREATED).encode())
    packed = Reply(200, body, (("content-type", "application/json"), ("content-encoding", "gzip")))

    async def run() -> str | None:
        async with (
            serving(lambda _: packed, "127.0.0.1", 0) as base_url,
            open_client(base_url) as client,
        ):
            return (await client.get_task("7")).task_id

    assert asyncio.run(run()) == "7"
    with (
        serve_replies(lambda _: packed) as base_url,
        KlingVoices("k", gateway=base_url) as client,
    ):
        assert client.get_task("7").task_id == "7"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sockets of a closed event loop
def test_one_client_in_several_event_loops() -> None:
    """A client that is used in one `asyncio.run` after another creates each voice once."""
    gateway = MockGateway("k")

    async def create_many(client: AsyncKlingVoices) -> None:
        await asyncio.gather(*(client.create_voice("Ada", voice_url=URL) for _ in range(5)))

    with serve(gateway) as base_url:
        client = AsyncKlingVoices("k", gateway=base_url)
        for _ in range(3):
            asyncio.run(create_many(client))
        del client
        gc.collect()
    assert len(gateway.tasks) == 15


def test_trio_over_sockets() -> None:
    """On trio, the client works over real sockets: concurrent creates, waiting, listing and a timeout."""
    gateway = MockGateway("k")

    async def create_voice(client: AsyncKlingVoices) -> None:
        await client.create_and_wait("Ada", voice_url=URL)

    async def run(base_url: str) -> list[str | None]:
        async with AsyncKlingVoices("k", gateway=base_url, clock=NoSleepClock()) as client:
            async with trio.open_nursery() as nursery:
                for _ in range(20):
                    nursery.start_soon(create_voice, client)
            return [task.status async for task in client.list_tasks()]

    with serve(gateway) as base_url:
        assert trio.run(run, base_url) == ["succeed"] * 20


def test_a_broken_body_has_its_request(open_client: OpenClient) -> None:
    """The cause of an error while reading the body is an httpx error that has the request."""

    async def run() -> BaseException | None:
        gateway = MockGateway("k", faults=[Fault("cut_short")])
        async with (
            serving(gateway.reply, "127.0.0.1", 0) as base_url,
            open_client(base_url, max_retries=0) as client,
        ):
            with pytest.raises(ConnectionFailedError) as caught:
                await client.get_task("7")
        return caught.value.__cause__

    cause = asyncio.run(run())
    assert isinstance(cause, httpx.RequestError)
    assert cause.request.url.path == "/kling/v1/general/custom-voices/7"


class Blocked(httpx.AsyncBaseTransport):
    """A transport whose first responses never arrive; the later ones do."""

    def __init__(self, blocked: int) -> None:
        self.blocked = blocked
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Block, or respond."""
        self.requests += 1
        if self.requests <= self.blocked:
            await anyio.sleep_forever()
        return httpx.Response(200, json=CREATED, request=request)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_waiting_for_a_connection_does_not_count_against_the_timeout(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    """With one connection, a request that had to wait longer than its timeout for it still has its whole timeout."""
    monkeypatch.setattr("kling_voices._http.runners.MAX_CONNECTIONS", 1)
    transport = Blocked(1)
    monkeypatch.setattr(
        "kling_voices._http.runners.async_client", lambda _endpoint: httpx.AsyncClient(transport=transport)
    )
    results: list[Any] = []

    async def get_task(client: AsyncKlingVoices) -> None:
        try:
            results.append((await client.get_task("7")).task_id)
        except ConnectionFailedError as error:
            results.append(str(error))

    async def run() -> None:
        client = AsyncKlingVoices("k", gateway="kkiai", timeout=0.1, max_retries=0)
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(get_task, client)

    anyio.run(run, backend=backend)
    assert len(results) == 3
    assert "timed out" in results[0]
    assert results[1:] == ["7", "7"]


def test_closed_while_waiting_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A create that is still waiting for a connection when the client is closed is refused and never sent."""
    monkeypatch.setattr("kling_voices._http.runners.MAX_CONNECTIONS", 1)
    transport = Blocked(1)
    monkeypatch.setattr(
        "kling_voices._http.runners.async_client", lambda _endpoint: httpx.AsyncClient(transport=transport)
    )

    async def run() -> object:
        client = AsyncKlingVoices("k", gateway="kkiai", max_retries=0)
        first = asyncio.create_task(client.get_task("7"))
        second = asyncio.create_task(client.create_voice("Ada", voice_url=URL))
        while not transport.requests:  # noqa: ASYNC110 - the event loop's next step, not a delay
            await asyncio.sleep(0)
        await client.close()
        first.cancel()
        return (await asyncio.gather(first, second, return_exceptions=True))[1]

    error = asyncio.run(run())
    assert isinstance(error, InvalidInputError)
    assert "closed" in str(error)
    assert transport.requests == 1


@pytest.mark.parametrize("calls", [1, 2])
def test_closing(calls: int) -> None:
    """A closed client refuses every call before anything is sent; closing twice is harmless."""
    client = KlingVoices("k", gateway="kkiai")
    asynchronous = AsyncKlingVoices("k", gateway="kkiai")
    for _ in range(calls):
        client.close()
        asyncio.run(asynchronous.close())
    with pytest.raises(InvalidInputError, match="closed"):
        client.create_voice("Ada", voice_url=URL)
    with pytest.raises(InvalidInputError, match="closed"):
        asyncio.run(asynchronous.get_task("7"))


def test_the_callers_client_stays_open() -> None:
    """A client that was passed in is not closed with ours."""
    http = httpx.Client()
    with KlingVoices("k", gateway="kkiai", http_client=http):
        pass
    assert not http.is_closed


def test_one_tls_context_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """All clients share one TLS context; another certificate file in the environment leads to another context."""
    first = tls_context()
    assert tls_context() is first
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert tls_context() is not first


def test_httpx_logs_each_request(caplog: pytest.LogCaptureFixture) -> None:
    """Httpx's own log line for a request appears as usual."""
    with (
        caplog.at_level(logging.INFO, logger="httpx"),
        serve(MockGateway("k")) as base_url,
        KlingVoices("k", gateway=base_url) as client,
    ):
        client.create_voice("Ada", voice_url=URL)
    (record,) = (record for record in caplog.records if record.name == "httpx")
    assert f"HTTP Request: POST {base_url}/kling/v1/general/custom-voices" in record.message
