"""The mock served over HTTP/1.1, on h11.

A server of our own, and not uvicorn, because a mock gateway must also be able to misbehave on the wire, which no ASGI
server lets an app do.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import h11

from ._messages import Reply, Request, Wire

_READ = 64 * 1024


@asynccontextmanager
async def serving(reply: Callable[[Request], Reply], host: str, port: int) -> AsyncIterator[str]:
    """Serve while the context is open; gives the base URL. Port 0 takes a free one."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
            task.add_done_callback(connections.discard)
        await _converse(reply, reader, writer)

    server = await asyncio.start_server(connected, host, port)
    try:
        address = server.sockets[0].getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        yield f"http://{shown}:{address[1]}"
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _converse(
    reply: Callable[[Request], Reply], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """All the exchanges of one connection."""
    connection = h11.Connection(h11.SERVER)
    try:
        while True:
            request = await _read(connection, reader, writer)
            if request is None:
                break
            answered = reply(request)
            if answered.delay:
                await asyncio.sleep(answered.delay)
            if answered.wire is not Wire.WHOLE:
                await _misbehave(connection, request, answered, reader, writer)
                return
            writer.write(_written(connection, request, answered))
            await writer.drain()
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                break
            connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            refusal = Reply.json(400, {"code": 1200, "message": f"not HTTP: {error}", "request_id": ""})
            writer.write(_written(connection, None, refusal))
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _misbehave(
    connection: h11.Connection,
    request: Request,
    answered: Reply,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Do not let the answer arrive, in the way that its wire says; the connection is over then."""
    whole = _written(connection, request, answered._replace(wire=Wire.WHOLE))
    head = whole[: len(whole) - len(answered.body)]
    half = answered.body[: len(answered.body) // 2]
    if answered.wire is Wire.SILENT:
        await reader.read()  # until the client gives up
    elif answered.wire is Wire.FALSE_LENGTH:
        lie = head.replace(f"content-length: {len(answered.body)}".encode(), f"content-length: {len(half)}".encode())
        writer.write(lie + answered.body)
        await writer.drain()
    elif answered.wire in {Wire.RESET_WITHIN, Wire.CUT_SHORT}:
        writer.write(head + half)
        await writer.drain()
    if answered.wire in {Wire.RESET, Wire.RESET_WITHIN, Wire.REFUSED}:
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with RST in place of FIN."""
    linger_not = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    writer.transport.abort()


async def _read(
    connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Request | None:
    """The next request, or None when the client is done."""
    head: h11.Request | None = None
    pieces: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                go_on = connection.send(h11.InformationalResponse(status_code=100, headers=[]))
                writer.write(go_on or b"")
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            pieces.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            path, _, query = head.target.decode("latin-1").partition("?")
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
            return Request(head.method.decode("latin-1"), path, query, headers, b"".join(pieces))
        else:
            return None


def _written(connection: h11.Connection, request: Request | None, answered: Reply) -> bytes:
    """The answer as bytes."""
    headers = [*answered.headers, ("content-length", str(len(answered.body)))]
    pieces = [connection.send(h11.Response(status_code=answered.status, headers=headers))]
    if request is None or request.method != "HEAD":
        pieces.append(connection.send(h11.Data(data=answered.body)))
    pieces.append(connection.send(h11.EndOfMessage()))
    return b"".join(piece for piece in pieces if piece)
