"""Responses that arrive slowly over a socket: the documented meaning of `timeout`, for each client."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import anyio
import pytest
from kling_voices import AsyncKlingVoices, ConnectionFailedError, KlingVoices, VoiceTask

TIMEOUT = 0.2  # seconds
PIECES = 8
PAUSE = 0.05  # seconds; shorter than the timeout, but all pauses together are longer
BODY = b'{"code": 0, "data": {"task_id": "1", "task_status": "submitted"}}'
LENGTH = b"Content-Length: %d\r\n\r\n" % len(BODY)
SLOW = {
    "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", b"\r\n" + LENGTH + BODY),
    "interim responses": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + LENGTH + BODY),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" ", BODY),
}


@contextmanager
def _slow_server(start: bytes, piece: bytes, end: bytes) -> Iterator[str]:
    """A server that answers each request with `start`, many times `piece`, and `end`; yields its base URL."""

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client may have gone
            connection.recv(65536)
            connection.sendall(start)
            for _ in range(PIECES):
                connection.sendall(piece)
                time.sleep(PAUSE)
            connection.sendall(end)

    def accept() -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                answer(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _query(url: str) -> VoiceTask:
    with KlingVoices("key", gateway=url, timeout=TIMEOUT, max_retries=0) as client:
        return client.get_task("1")


async def _async_query(url: str) -> VoiceTask:
    async with AsyncKlingVoices("key", gateway=url, timeout=TIMEOUT, max_retries=0) as client:
        return await client.get_task("1")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("part", SLOW)
def test_the_asynchronous_client_limits_the_whole_request(part: str, backend: str) -> None:
    """A slow response fails after the timeout, whichever part of it is slow."""
    with _slow_server(*SLOW[part]) as url, pytest.raises(ConnectionFailedError, match=r"timed out|in time"):
        anyio.run(_async_query, url, backend=backend)


def test_the_synchronous_client_limits_the_body() -> None:
    """A slow body fails after the timeout."""
    with _slow_server(*SLOW["body"]) as url, pytest.raises(ConnectionFailedError, match="did not end in time"):
        _query(url)


@pytest.mark.parametrize("part", ["headers", "interim responses"])
def test_the_synchronous_client_limits_each_wait_for_headers(part: str) -> None:
    """Slow headers can take longer than the timeout, as the docstring says, and the response is not lost."""
    with _slow_server(*SLOW[part]) as url:
        began = time.monotonic()
        assert _query(url).task_id == "1"
        assert time.monotonic() - began > TIMEOUT


def test_the_documented_meaning() -> None:
    """Each client's docstring promises its own limit."""
    sync, whole = (str(client.__doc__) for client in (KlingVoices, AsyncKlingVoices))
    assert "for each step of a request" in sync
    assert "`AsyncKlingVoices` limits the request as a whole" in " ".join(sync.split())
    assert "Seconds for one request and its complete response" in whole
