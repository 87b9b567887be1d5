"""The HTTP server of the mock, byte by byte."""

from __future__ import annotations

import asyncio
import socket

import pytest
from kling_voices.mock import Fault, MockGateway

from tests.mock.contracts import document
from tests.mock.requests import CREATE


def _send(gateway: MockGateway, *pieces: bytes) -> bytes:
    """Send raw bytes to the server, and read until it closes the connection."""

    async def run() -> bytes:
        async with gateway.serve() as base_url:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            writer.write_eof()
            received = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return received

    return asyncio.run(run())


def _request(*lines: str) -> bytes:
    return "\r\n".join((f"GET {CREATE}/1 HTTP/1.1", "host: x", *lines, "", "")).encode()


def test_what_is_not_http_is_refused_at_once(gateway: MockGateway) -> None:
    """A line that is not a request gets 400 and a closed connection, and does not hang."""
    assert _send(gateway, b"HELLO\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_connection_serves_several_requests(gateway: MockGateway) -> None:
    """Two requests on one connection get two responses; HEAD gets no body."""
    get = b"GET /nothing HTTP/1.1\r\nHost: mock\r\n\r\n"
    received = _send(gateway, get, get.replace(b"GET", b"HEAD"))
    assert received.count(b"HTTP/1.1 404") == 2
    assert received.count(b'"code":1203') == 1


def test_a_status_without_a_body_has_no_length() -> None:
    """A 204 has no Content-Length (RFC 9110), and the connection continues."""
    received = _send(MockGateway(faults=[Fault("shape_before", shape="empty 204")]), _request(), _request())
    assert received.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert (received.count(b"HTTP/1.1 204 No Content\r\n"), b"content-length" in received.lower()) == (2, False)


@pytest.mark.parametrize(
    ("lines", "responses"), [((), 2), (("upgrade: h2c", "connection: upgrade"), 2), (("connection: close",), 1)]
)
def test_how_long_a_connection_lasts(gateway: MockGateway, lines: tuple[str, ...], responses: int) -> None:
    """Until the client closes it; an offer to switch to another protocol is ignored."""
    received = _send(gateway, _request(*lines), _request(*lines)).lower()
    assert (received.count(b"http/1.1 401"), b"connection: close" in received) == (responses, responses == 1)


def test_the_end_waits_for_no_client(gateway: MockGateway) -> None:
    """A client that sends requests and reads no responses does not delay the end of the server."""
    answered: list[object] = []
    gateway.on_exchange(answered.append)

    async def run() -> None:
        async with gateway.serve() as base_url:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # it is soon full
            connection.connect(("127.0.0.1", int(base_url.rpartition(":")[2])))
            reader, writer = await asyncio.open_connection(sock=connection)
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(f"GET {CREATE}/{'1' * 500} HTTP/1.1\r\nhost: x\r\n\r\n".encode() * 20_000)
            before = -1
            while before != len(answered):  # until the server can send no more
                before = len(answered)
                await asyncio.sleep(0.1)
        writer.transport.abort()

    asyncio.run(asyncio.wait_for(run(), 10))


def test_a_mistake_in_the_contract_is_answered() -> None:
    """A reference that leads nowhere is reported in the response, and the server goes on."""
    contract = document({"/x": {"get": {"responses": {"200": {"$ref": "#/components/responses/Missing"}}}}})
    request = b"GET /x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer mock-key\r\n\r\n"
    received = _send(MockGateway(contract=contract), request, request)
    assert received.count(b"HTTP/1.1 500") == 2
    assert b"refers to #/components/responses/Missing, which it does not contain" in received


def test_an_error_in_the_block_is_raised_as_it_is(gateway: MockGateway) -> None:
    """`async with gateway.serve()` does not wrap or hide what is raised inside."""

    async def run() -> None:
        async with gateway.serve():
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        asyncio.run(run())


@pytest.mark.parametrize("steps", range(12))
def test_the_end_is_silent(gateway: MockGateway, steps: int, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged, however far the server is with closing a connection when it stops."""

    async def main() -> None:
        async with gateway.serve() as base_url:
            _, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rpartition(":")[2]))
            writer.write_eof()
            for _ in range(steps):
                await asyncio.sleep(0)
        writer.close()

    asyncio.run(main())
    assert caplog.messages == []
