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
from http import HTTPStatus

import h11

from ._messages import Reply, Request, Wire

_READ = 64 * 1024
_WITHOUT_BODY = {204, 304}  # nor a length, says RFC 9110
_REASONS = {status.value: status.phrase for status in HTTPStatus}


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
    incoming = _Incoming(reader, writer)
    try:
        while (request := await incoming.request()) is not None:
            answered = reply(request)
            if answered.delay:
                await asyncio.sleep(answered.delay)
            if answered.wire is not Wire.WHOLE:
                await _misbehave(request, answered, reader, writer)
                return
            writer.write(_head(answered, is_last=incoming.is_last) + _body(request, answered))
            await writer.drain()
            if incoming.is_last:
                break
    except h11.RemoteProtocolError as error:
        refusal = Reply.json(400, {"code": 1200, "message": f"not HTTP: {error}", "request_id": ""})
        writer.write(_head(refusal, is_last=True) + refusal.body)
    except ConnectionError:
        pass
    except asyncio.CancelledError:
        writer.transport.abort()  # a client that does not read would hold up the end
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _misbehave(
    request: Request, answered: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Do not let the answer arrive, in the way that its wire says; the connection is over then."""
    body = _body(request, answered)
    half = body[: len(body) // 2]
    if answered.wire is Wire.SILENT:
        await reader.read()  # until the client gives up
    elif answered.wire is Wire.FALSE_LENGTH:
        writer.write(_head(answered._replace(body=half), is_last=False) + body)
        await writer.drain()
    elif answered.wire in {Wire.RESET_WITHIN, Wire.CUT_SHORT}:
        writer.write(_head(answered, is_last=False) + half)
        await writer.drain()
    if answered.wire in {Wire.RESET, Wire.RESET_WITHIN, Wire.REFUSED}:
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with RST in place of FIN."""
    linger_not = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    writer.transport.abort()


class _Incoming:
    """The requests of one connection, read by h11.

    Attributes:
        is_last: Whether the client says that no request comes after this one.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._after = b""  # what came behind the request
        self.is_last = False

    async def request(self) -> Request | None:
        """The next one, or None when the client is done. Raises h11.RemoteProtocolError for what is not HTTP."""
        connection = h11.Connection(h11.SERVER)  # one for each request, for the answers are written without it
        if self._after:
            connection.receive_data(self._after)
        head: h11.Request | None = None
        pieces: list[bytes] = []
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                if connection.they_are_waiting_for_100_continue:
                    go_on = connection.send(h11.InformationalResponse(status_code=100, headers=[]))
                    self._writer.write(go_on or b"")
                connection.receive_data(await self._reader.read(_READ))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                pieces.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                self._after, _ = connection.trailing_data
                self.is_last = connection.their_state is h11.MUST_CLOSE
                return _request(head, b"".join(pieces))
            else:
                return None


def _request(head: h11.Request, body: bytes) -> Request:
    path, _, query = head.target.decode("latin-1").partition("?")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
    return Request(head.method.decode("latin-1"), path, query, headers, body)


def _head(answered: Reply, *, is_last: bool) -> bytes:
    """The answer's status and headers; the shapes that are answered hold none that could not be written."""
    lines = [f"HTTP/1.1 {answered.status} {_REASONS.get(answered.status, '')}"]
    lines += [f"{name}: {value}" for name, value in answered.headers]
    if answered.status not in _WITHOUT_BODY:
        lines.append(f"content-length: {len(answered.body)}")
    if is_last:
        lines.append("connection: close")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _body(request: Request, answered: Reply) -> bytes:
    return b"" if request.method == "HEAD" else answered.body
