"""A keep-alive connection that the server closes: a create is sent once all the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import anyio
import pytest
from kling_voices import AsyncKlingVoices, KlingVoices, OutcomeUnknownError, aiohttp_client

from tests.support.servers import NoSleepClock
from tests.support.threads import open_in_thread

URL = "https://example.com/ada.mp3"


class Server:
    """A server that announces keep-alive and closes the connection anyway.

    Attributes:
        close: `idle`: after the first response. `in use`: when the second request of a connection has been read.
        creates: The external ids of the creates that were read.
    """

    def __init__(self, close: Literal["idle", "in use"]) -> None:
        self.close = close
        self.creates: list[str] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Serve on a free port; yields the base URL."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._respond(reader, writer)
            if self.close == "in use":
                await self._read(reader)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = await self._read(reader)
        data = {"task_id": "7", "task_status": "submitted", "task_info": {"external_task_id": body}}
        found = {"code": 0, "message": "", "request_id": "r", "data": data}
        missing = {"code": 1201, "message": "task not found", "request_id": "r"}
        status, content = ("200 OK", found) if body else ("400 Bad Request", missing)
        payload = json.dumps(content).encode()
        head = f"HTTP/1.1 {status}\r\nconnection: keep-alive\r\ncontent-length: {len(payload)}\r\n\r\n"
        writer.write(head.encode() + payload)
        await writer.drain()

    async def _read(self, reader: asyncio.StreamReader) -> str | None:
        """Read one request; returns the external id of a create."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if not head.startswith("post"):
            return None
        length = int(head.partition("content-length:")[2].split()[0])
        self.creates.append(json.loads(await reader.readexactly(length))["external_task_id"])
        return self.creates[-1]


def _create(kind: str, base_url: str, names: list[str]) -> list[Any]:
    """The outcomes of creates with one client, one after the other."""
    if kind == "sync":
        with KlingVoices("k", gateway=base_url, clock=NoSleepClock()) as client:
            return [_outcome(client, name) for name in names]

    async def run() -> list[Any]:
        http = aiohttp_client() if kind == "aiohttp" else None
        async with AsyncKlingVoices("k", gateway=base_url, clock=NoSleepClock(), http_client=http) as client:
            outcomes = []
            for name in names:
                try:
                    outcomes.append((await client.create_voice("Ada", voice_url=URL, external_task_id=name)).task_id)
                except OutcomeUnknownError as error:
                    outcomes.append(error.outcome)
                await anyio.sleep(0.02)  # until the server's end of the connection has arrived
            if http:
                await http.aclose()
            return outcomes

    return anyio.run(run, backend="trio" if kind == "trio" else "asyncio")


def _outcome(client: KlingVoices, name: str) -> str | None:
    try:
        return client.create_voice("Ada", voice_url=URL, external_task_id=name).task_id
    except OutcomeUnknownError as error:
        return error.outcome
    finally:
        anyio.run(anyio.sleep, 0.02)


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio", "aiohttp"])
def test_closed_while_idle(kind: str) -> None:
    """The server closed the connection between two creates: each is sent once, and each succeeds."""
    server = Server("idle")
    with open_in_thread(server.open()) as base_url:
        assert _create(kind, base_url, ["a", "b", "c"]) == ["7", "7", "7"]
    assert server.creates == ["a", "b", "c"]


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio", "aiohttp"])
def test_closed_when_the_request_arrives(kind: str) -> None:
    """The server read the second create and closed the connection: it is sent once, and its outcome is unknown."""
    server = Server("in use")
    with open_in_thread(server.open()) as base_url:
        assert _create(kind, base_url, ["a", "b"]) == ["7", "unknown"]
    assert server.creates == ["a", "b"]
