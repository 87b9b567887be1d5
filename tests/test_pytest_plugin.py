"""The fixture `kling_gateway`: every client of the code under test uses the mock gateway."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
import respx
import trio
from kling_voices import (
    AsyncKlingVoices,
    Gateway,
    InvalidInputError,
    KlingVoices,
    OutcomeUnknownError,
    VoiceCreationFailedError,
    aiohttp_client,
)
from kling_voices._http.override import active_override, override_gateways
from kling_voices.callbacks import CallbackApp
from kling_voices.clock import SystemClock
from kling_voices.mock import Fault, MockGateway, VirtualClock

pytest_plugins = ["pytester"]

URL = "https://cdn.example.com/ada.mp3"
EARLIER = KlingVoices("a-real-key", gateway="kkiai")  # as in a module that is imported before the test


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection, and every real pause, an error."""

    def refuse(*arguments: object) -> Any:
        raise AssertionError(f"a connection was made: {arguments}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(SystemClock, "sleep", refuse)
    monkeypatch.setattr(SystemClock, "async_sleep", refuse)


def _clients() -> Iterator[KlingVoices]:
    yield KlingVoices()  # no key anywhere
    yield KlingVoices(gateway=Gateway.KKIAI)
    yield KlingVoices("a-real-key", gateway="chainhub")
    yield KlingVoices("a-real-key", gateway="https://proxy.example.com/prefix/")
    yield KlingVoices(gateway="mock")
    yield KlingVoices("a-real-key", http_client=httpx.Client(base_url="https://other.example.com", timeout=1))
    yield KlingVoices("a-real-key", clock=SystemClock(), max_retries=0)
    yield KlingVoices("a-real-key", clock=VirtualClock(), timeout=5)


def test_every_synchronous_client(kling_gateway: MockGateway) -> None:
    """Any key, gateway, base URL, HTTP client and clock: the create is in the ledger, and the wait does not sleep."""
    start = time.monotonic()
    for number, client in enumerate([EARLIER, *_clients()], start=1):
        task = client.create_and_wait(f"Voice {number}", voice_url=URL)
        assert task.voice is not None
        assert task.voice.voice_name == f"Voice {number}"
        assert [made.body["voice_name"] for made in kling_gateway.tasks][-1] == f"Voice {number}"
        assert len(kling_gateway.tasks) == number
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_every_asynchronous_client(kling_gateway: MockGateway, backend: str) -> None:
    """The same on both event loops, with our own HTTP client and with the caller's."""

    async def main() -> None:
        async with (
            httpx.AsyncClient() as http,
            AsyncKlingVoices(gateway="kkiai") as first,
            AsyncKlingVoices("a-real-key", gateway="https://proxy.example.com", http_client=http) as second,
        ):
            for client in (first, second):
                assert (await client.create_and_wait("Ada", voice_url=URL, timeout=3600)).succeeded
                assert [voice async for voice in client.list_presets()]

    if backend == "trio":
        trio.run(main)
    else:
        asyncio.run(main())
    assert len(kling_gateway.tasks) == 2


def test_an_aiohttp_client(kling_gateway: MockGateway) -> None:
    """The client of the extra `aiohttp` makes no connection either."""

    async def main() -> None:
        async with aiohttp_client() as http, AsyncKlingVoices(http_client=http) as client:
            await client.create_voice("Ada", voice_url=URL)

    asyncio.run(main())
    assert len(kling_gateway.tasks) == 1


def test_threads_and_event_loops(kling_gateway: MockGateway) -> None:
    """Code under test may start threads, and event loops in them; each create is counted once."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            KlingVoices().create_and_wait(f"Voice {number}", voice_url=URL, timeout=3600)
            anyio.run(create, number)
        except BaseException as error:  # noqa: BLE001 - any error in the thread fails the test
            failures.append(error)

    async def create(number: int) -> None:
        async with AsyncKlingVoices(gateway="kkiai") as client, anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(lambda: client.create_and_wait(f"Task {number}", voice_url=URL, timeout=3600))

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(kling_gateway.tasks) == 8 * 4


def test_faults(kling_gateway: MockGateway) -> None:
    """The gateway misbehaves on request, and the client's rules hold: nothing is created twice."""
    kling_gateway.misbehave(Fault("reset_after", operation="create_custom_voice", times=1))
    assert KlingVoices().create_and_wait("Ada", voice_url=URL).succeeded
    assert len(kling_gateway.tasks) == 1
    kling_gateway.misbehave(Fault("reset_after", operation="create_custom_voice"))
    kling_gateway.misbehave(Fault("shape_before", operation="get_custom_voice", shape="HTML 502"))
    with pytest.raises(OutcomeUnknownError):
        KlingVoices().create_voice("Bob", voice_url=URL)
    assert [task.body["voice_name"] for task in kling_gateway.tasks] == ["Ada", "Bob"]
    with pytest.raises(InvalidInputError, match="21 characters"):
        KlingVoices().create_voice("x" * 21, voice_url=URL)
    with pytest.raises(InvalidInputError, match="unknown"):
        KlingVoices(gateway="nowhere")


def test_a_voice_that_fails(kling_gateway: MockGateway) -> None:
    """Audio that is named `silence` fails."""
    with pytest.raises(VoiceCreationFailedError):
        KlingVoices().create_and_wait("Ada", voice_url="https://cdn.example.com/silence.mp3")
    assert len(kling_gateway.tasks) == 1


@pytest.mark.kling_gateway(creation_seconds=3600)
def test_the_marker_and_the_clock(kling_gateway: MockGateway, kling_clock: VirtualClock) -> None:
    """The marker sets the gateway's options; the clock moves by itself while a client waits, or by hand."""
    client = KlingVoices()
    task = client.create_voice("Ada", voice_url=URL)
    assert client.get_task(task.task_id or "").status == "submitted"
    kling_clock.advance(3600)
    assert client.get_task(task.task_id or "").succeeded
    before = kling_clock.time()
    client.create_and_wait("Bob", voice_url=URL, timeout=4000)
    assert 3600 <= kling_clock.time() - before <= 3620
    assert len(kling_gateway.tasks) == 2


def test_the_clock_begins_now(kling_gateway: MockGateway, kling_clock: VirtualClock) -> None:
    """Signatures and expiry times that the code under test compares with the real time are valid."""
    assert abs(kling_clock.time() - time.time()) < 5
    assert kling_gateway.tasks == ()


def test_respx_in_the_same_test(kling_gateway: MockGateway) -> None:
    """Respx mocks the other requests of the code under test, for each layer that it can patch; it never sees ours."""
    for using in ("httpcore", "httpx"):
        with respx.mock(using=using) as router:
            shop = router.get("https://shop.example.com/orders/17").respond(json={"name": "Ada"})
            name = httpx.get("https://shop.example.com/orders/17").json()["name"]
            with httpx.Client() as http:
                KlingVoices("a-real-key", http_client=http).create_voice(name, voice_url=URL)
            assert (shop.call_count, len(router.calls)) == (1, 1)
    assert [task.body["voice_name"] for task in kling_gateway.tasks] == ["Ada", "Ada"]


def test_pytest_httpx_in_the_same_test(pytester: pytest.Pytester) -> None:
    """pytest-httpx mocks the other requests, and does not see ours."""
    pytester.makepyfile(
        """
        import httpx
        from kling_voices import KlingVoices

        def test_it(kling_gateway, httpx_mock):
            httpx_mock.add_response(url="https://shop.example.com/", text="Ada")
            with httpx.Client() as http:
                KlingVoices("a-real-key", http_client=http).create_voice(
                    http.get("https://shop.example.com/").text, video_id="1"
                )
            assert len(httpx_mock.get_requests()) == len(kling_gateway.tasks) == 1
        """
    )
    pytester.runpytest_inprocess("-pno:asyncio", "-pno:schemathesis").assert_outcomes(passed=1)


def test_event_hooks_and_headers_of_the_callers_client(kling_gateway: MockGateway) -> None:
    """The hooks of the caller's HTTP client run, and see its headers; its key is not sent."""
    seen: list[httpx.Request] = []
    http = httpx.Client(headers={"X-Tenant": "7"}, event_hooks={"request": [seen.append]})
    KlingVoices("a-real-key", http_client=http).create_voice("Ada", voice_url=URL)
    assert seen[0].headers["x-tenant"] == "7"
    assert "a-real-key" not in str(seen[0].headers.raw)
    assert len(kling_gateway.tasks) == 1


def test_callbacks_and_the_fixture(kling_gateway: MockGateway) -> None:
    """A `CallbackApp` queries the mock gateway."""
    tasks: list[Any] = []
    client = KlingVoices()
    task = client.create_voice("Ada", voice_url=URL)
    app = CallbackApp(client, token="t" * 22, on_task=tasks.append)

    async def post() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.test") as http:
            return (await http.post("/" + "t" * 22, json={"id": task.task_id, "status": "succeeded"})).status_code

    assert anyio.run(post) == 200
    assert [(got.task_id, got.status) for got in tasks] == [(kling_gateway.tasks[0].task_id, "submitted")]


_leaked: list[KlingVoices] = []


def test_a_client_outlives_its_test_1(kling_gateway: MockGateway) -> None:
    """First half: the code under test keeps a client in a global variable."""
    _leaked.append(KlingVoices())
    _leaked[0].create_voice("Ada", voice_url=URL)
    assert len(kling_gateway.tasks) == 1


def test_a_client_outlives_its_test_2(kling_gateway: MockGateway) -> None:
    """Second half: it talks to the gateway of the test that is running, which has its own ledger."""
    client = _leaked[0] if _leaked else KlingVoices()
    client.create_voice("Bob", voice_url=URL)
    assert [task.body["voice_name"] for task in kling_gateway.tasks] == ["Bob"]


def test_without_the_fixture_clients_are_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the fixture, a key is needed, and a request goes to the chosen gateway."""
    with pytest.raises(InvalidInputError, match="there is no API key"):
        KlingVoices()
    monkeypatch.undo()
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"code": 0, "data": {"task_id": "1", "task_status": "succeed"}})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        KlingVoices("a-real-key", gateway="kkiai", http_client=http).get_task("1")
    assert asked == ["https://www.kkiai.com/kling/v1/general/custom-voices/1"]


def test_overrides_are_nested_and_end(kling_gateway: MockGateway, kling_clock: VirtualClock) -> None:
    """The innermost override is active; after its end, the one around it is, also if the code in it failed."""
    around, inner = active_override(), MockGateway(clock=kling_clock)
    with pytest.raises(InvalidInputError), override_gateways(inner.handle, kling_clock, "mock-key"):
        [KlingVoices().create_voice(name, voice_url=URL) for name in ("Ada", "")]
    assert (len(inner.tasks), len(kling_gateway.tasks)) == (1, 0)
    assert active_override() is around


def test_a_client_of_a_test_never_reaches_the_network_later(pytester: pytest.Pytester) -> None:
    """A client that was made during a test stays with the mock, for example in a thread that outlives the test."""
    pytester.makepyfile(
        """
        from kling_voices import KlingVoices
        kept = []
        def test_first(kling_gateway):
            kept.append(KlingVoices("a-real-key", gateway="kkiai"))
            kept.append(kling_gateway)
        def test_second():
            kept[0].create_and_wait("Ada", video_id="1")
            assert len(kept[1].tasks) == 1
        """
    )
    pytester.runpytest_inprocess("-pno:asyncio", "-pno:schemathesis", "--disable-socket").assert_outcomes(passed=2)


def test_positional_arguments_of_the_marker(pytester: pytest.Pytester) -> None:
    """The marker is registered, and says how to use it."""
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.kling_gateway(60)
        def test_it(kling_gateway):
            pass
        """
    )
    result = pytester.runpytest_inprocess("-pno:asyncio", "-pno:schemathesis", "--strict-markers")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the marker kling_gateway takes keyword arguments only*"])


WITH_ASYNC_PLUGINS = """
import asyncio
import httpx, pytest, respx
from kling_voices import AsyncKlingVoices, KlingVoices

URL = "https://cdn.example.com/ada.mp3"

@pytest.mark.asyncio
async def test_pytest_asyncio(kling_gateway):
    async with AsyncKlingVoices(gateway="kkiai") as client:
        tasks = await asyncio.gather(*(client.create_and_wait(f"V{n}", voice_url=URL) for n in range(20)))
    assert len(kling_gateway.tasks) == len(tasks) == 20

@pytest.mark.anyio
async def test_anyio(kling_gateway, anyio_backend_name):
    async with AsyncKlingVoices() as client:
        await client.create_and_wait(anyio_backend_name, voice_url=URL)
    assert [task.body["voice_name"] for task in kling_gateway.tasks] == [anyio_backend_name]

@pytest.mark.asyncio
@respx.mock
async def test_respx(kling_gateway):
    respx.get("https://shop.example.com/").respond(text="Ada")
    async with httpx.AsyncClient() as http:
        name = (await http.get("https://shop.example.com/")).text
        await AsyncKlingVoices(http_client=http).create_voice(name, voice_url=URL)
    assert len(kling_gateway.tasks) == 1

@pytest.mark.parametrize("number", range(30))
def test_many(kling_gateway, number):
    KlingVoices().create_and_wait(f"Voice {number}", voice_url=URL)
    assert [task.body["voice_name"] for task in kling_gateway.tasks] == [f"Voice {number}"]
"""


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["one process", "xdist"])
def test_with_other_plugins(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """pytest-asyncio, anyio on asyncio and trio, respx and xdist, as a project of a user has them."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the other plugins of this project take seconds to load
    plugins = [f"-p{name}" for name in ("kling_voices.pytest_plugin", "pytest_asyncio.plugin", "anyio", "xdist")]
    pytester.makepyfile(WITH_ASYNC_PLUGINS)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error")
    result = pytester.runpytest_subprocess("-q", *plugins, *options, timeout=60)
    result.assert_outcomes(passed=34)


def test_without_the_fixture_the_mock_is_not_imported(pytester: pytest.Pytester) -> None:
    """The plugin costs other test suites nothing: it imports neither httpx nor the mock."""
    pytester.makepyfile(
        """
        import sys
        def test_it():
            assert "kling_voices.pytest_plugin" in sys.modules
            assert {"kling_voices.mock", "kling_voices.client", "jsonschema_rs"} & set(sys.modules) == set()
        """
    )
    plugins = [
        flag for name in ("asyncio", "anyio", "pytest_httpx", "respx", "schemathesis") for flag in ("-p", f"no:{name}")
    ]
    pytester.runpytest_subprocess(*plugins).assert_outcomes(passed=1)
