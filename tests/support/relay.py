"""An aiohttp transport whose requests go over loopback to a handler in this process.

Many tests know only a handler: a function from `httpx.Request` to `httpx.Response`. Behind this transport the same
handler is reached through aiohttp and real sockets, so that a test also covers how aiohttp connects, sends, reads and
fails. An exception of the handler cannot cross a socket: the connection is reset, and the transport raises it.
"""

from __future__ import annotations

import atexit
import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import NamedTuple

import httpx
from httpx_aiohttp import AiohttpTransport
from kling_voices._http.clients import tls_context
from kling_voices.mock._messages import DeliveryFault, Reply, Request

from .servers import serve_replies

Handler = Callable[[httpx.Request], httpx.Response]
_NUMBER = "x-relay-number"
_WITHOUT_BODY = {204, 304}
_WRITTEN_BY_THE_SERVER = {"content-length", "transfer-encoding", "connection"}


class _Pending(NamedTuple):
    """A request that was sent, its handler, and the exceptions that the handler has raised."""

    handler: Handler
    request: httpx.Request
    raised: list[BaseException]


class RelayTransport(httpx.AsyncBaseTransport):
    """aiohttp's transport, connected to the relay in place of every host."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._aiohttp = AiohttpTransport(verify=tls_context())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the relay."""
        relay = _relay()
        pending = _Pending(self._handler, request, [])
        with relay.numbered(pending) as number:
            headers = [*request.headers.multi_items(), (_NUMBER, number)]
            content = await request.aread()
            url = httpx.URL(relay.base_url).copy_with(raw_path=request.url.raw_path)
            sent = httpx.Request(request.method, url, headers=headers, content=content, extensions=request.extensions)
            try:
                return await self._aiohttp.handle_async_request(sent)
            except httpx.TransportError:
                if pending.raised:
                    raise pending.raised[0] from None
                raise

    async def aclose(self) -> None:
        """Close aiohttp's session."""
        await self._aiohttp.aclose()


class _Relay:
    """The server; it runs in its own thread until the process ends."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._pending: dict[str, _Pending] = {}
        at_exit = ExitStack()
        atexit.register(at_exit.close)
        self.base_url = at_exit.enter_context(serve_replies(self._reply))

    @contextmanager
    def numbered(self, pending: _Pending) -> Iterator[str]:
        """A number by which the server finds the request while the context is open."""
        number = str(next(self._numbers))
        self._pending[number] = pending
        try:
            yield number
        finally:
            del self._pending[number]

    def _reply(self, received: Request) -> Reply:
        pending = self._pending[received.header(_NUMBER)[0]]
        headers = [(name, value) for name, value in received.headers if name not in {_NUMBER, "host"}]
        request = httpx.Request(
            received.method,
            pending.request.url,
            headers=[("host", pending.request.headers["host"]), *headers],
            content=received.body,
            extensions=pending.request.extensions,
        )
        try:
            response = pending.handler(request)
        except BaseException as error:  # noqa: BLE001 - the transport raises it, a KeyboardInterrupt too
            pending.raised.append(error)
            return Reply(500, b"", delivery=DeliveryFault.RESET)
        return _as_reply(response)


@cache
def _relay() -> _Relay:
    return _Relay()


def _as_reply(response: httpx.Response) -> Reply:
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in response.headers.raw
        if name.decode("latin-1").lower() not in _WRITTEN_BY_THE_SERVER
    )
    pieces: list[bytes] = []
    try:
        pieces.extend(response.stream)  # type: ignore[arg-type] # handlers answer synchronously
    except httpx.TransportError:
        return Reply(response.status_code, b"".join(pieces) * 2, headers, delivery=DeliveryFault.RESET_WITHIN)
    body = b"" if response.status_code in _WITHOUT_BODY else b"".join(pieces)
    return Reply(response.status_code, body, headers)
