"""An HTTP/1.1 server for the mock gateway, on h11.

ASGI servers do not let an app reset a connection or break off a response at a chosen byte; the faults need both.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import h11

from ._messages import DeliveryFault, Reply, Request

_READ = 64 * 1024
_WITHOUT_BODY = {204, 304}  # and without a length (RFC 9110)
_REASONS = {status.value: status.phrase for status in HTTPStatus}


@asynccontextmanager
async def serving(reply: Callable[[Request], Reply], host: str, port: int) -> AsyncIterator[str]:
    """Serve while the context is open; yields the base URL. Port 0 chooses a free port."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
            task.add_done_callback(connections.discard)
        await _serve_connection(reply, reader, writer)

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


async def _serve_connection(
    reply: Callable[[Request], Reply], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer all requests of one connection."""
    requests = _Requests(reader, writer)
    try:
        while (request := await requests.next()) is not None:
            replied = reply(request)
            if replied.delay:
                await asyncio.sleep(replied.delay)
            if replied.delivery is not DeliveryFault.NONE:
                await _fail_delivery(request, replied, reader, writer)
                return
            writer.write(_head(replied, is_last=requests.is_last) + _body(request, replied))
            await writer.drain()
            if requests.is_last:
                break
    except h11.RemoteProtocolError as error:
        refusal = Reply.json(400, {"code": 1200, "message": f"the request is not HTTP: {error}", "request_id": ""})
        writer.write(_head(refusal, is_last=True) + refusal.body)
    except ConnectionError:
        pass
    except asyncio.CancelledError:
        writer.transport.abort()  # closing would wait for a client that does not read
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):  # the server may stop at any moment
            await writer.wait_closed()


async def _fail_delivery(
    request: Request, replied: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Send as much of the reply as its delivery fault allows, and end the connection."""
    body = _body(request, replied)
    half = body[: len(body) // 2]
    if replied.delivery is DeliveryFault.SILENT:
        await reader.read()  # until the client closes the connection
    elif replied.delivery is DeliveryFault.FALSE_LENGTH:
        writer.write(_head(replied._replace(body=half), is_last=False) + body)
        await writer.drain()
    elif replied.delivery in {DeliveryFault.RESET_WITHIN, DeliveryFault.CUT_SHORT}:
        writer.write(_head(replied, is_last=False) + half)
        await writer.drain()
    if replied.delivery in {DeliveryFault.RESET, DeliveryFault.RESET_WITHIN, DeliveryFault.REFUSED}:
        _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with RST instead of FIN."""
    no_linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
    writer.transport.abort()


class _Requests:
    """The requests of one connection, parsed by h11.

    Attributes:
        is_last: Whether the client has announced that its last request ends the connection.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._after = b""  # bytes that follow the request
        self.is_last = False

    async def next(self) -> Request | None:
        """The next request, or None at the end of the connection. Raises h11.RemoteProtocolError if it is not HTTP."""
        connection = h11.Connection(h11.SERVER)  # one per request, because replies are written without it
        if self._after:
            connection.receive_data(self._after)
        head: h11.Request | None = None
        pieces: list[bytes] = []
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                if connection.they_are_waiting_for_100_continue:
                    informational = connection.send(h11.InformationalResponse(status_code=100, headers=[]))
                    self._writer.write(informational or b"")
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


def _head(replied: Reply, *, is_last: bool) -> bytes:
    """Status line and headers of a reply."""
    lines = [f"HTTP/1.1 {replied.status} {_REASONS.get(replied.status, '')}"]
    lines += [f"{name}: {value}" for name, value in replied.headers]
    if replied.status not in _WITHOUT_BODY:
        lines.append(f"content-length: {len(replied.body)}")
    if is_last:
        lines.append("connection: close")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _body(request: Request, replied: Reply) -> bytes:
    return b"" if request.method == "HEAD" else replied.body
