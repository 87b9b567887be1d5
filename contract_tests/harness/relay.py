"""A handler of requests behind real sockets and aiohttp, for tests that know a handler in the process only.

The request goes over loopback to a server in this process, which asks the handler for the answer and sends it back over
the wire. So whatever a test says of a client is held to aiohttp's way of connecting, sending, reading and failing, too.
What a handler raises cannot go over a wire: the connection is reset, and the error raised where it would have been.
"""

from __future__ import annotations

import atexit
import itertools
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from typing import NamedTuple

import httpx
from httpx_aiohttp import AiohttpTransport
from kling_voices._transport import tls_context
from kling_voices.mock._messages import Reply, Request, Wire
from kling_voices.mock._server import serving

from .threads import in_a_thread

Handler = Callable[[httpx.Request], httpx.Response]
_NUMBER = "x-relay-number"
_WITHOUT_BODY = {204, 304}
_WRITTEN_BY_THE_SERVER = {"content-length", "transfer-encoding", "connection"}


class _Asked(NamedTuple):
    """A request on its way, and the errors that its handler has raised."""

    handler: Handler
    request: httpx.Request
    raised: list[BaseException]


class Relayed(httpx.AsyncBaseTransport):
    """aiohttp's transport, with the relay at the other end in place of whatever host is asked for."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._aiohttp = AiohttpTransport(verify=tls_context())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it to the relay."""
        relay = _relay()
        asked = _Asked(self._handler, request, [])
        with relay.asked(asked) as number:
            headers = [*request.headers.multi_items(), (_NUMBER, number)]
            content = await request.aread()
            url = httpx.URL(relay.base_url).copy_with(raw_path=request.url.raw_path)
            sent = httpx.Request(request.method, url, headers=headers, content=content, extensions=request.extensions)
            try:
                return await self._aiohttp.handle_async_request(sent)
            except httpx.TransportError:
                if asked.raised:
                    raise asked.raised[0] from None
                raise

    async def aclose(self) -> None:
        """Close aiohttp's session."""
        await self._aiohttp.aclose()


class _Relay:
    """The server, in a thread of its own until the process ends."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._asked: dict[str, _Asked] = {}
        open_until_the_end = ExitStack()
        atexit.register(open_until_the_end.close)
        self.base_url = open_until_the_end.enter_context(in_a_thread(serving(self._reply, "127.0.0.1", 0)))

    def asked(self, asked: _Asked) -> _Number:
        """A number under which the request is known while the context is open."""
        return _Number(self._asked, str(next(self._numbers)), asked)

    def _reply(self, came: Request) -> Reply:
        asked = self._asked[came.header(_NUMBER)[0]]
        headers = [(name, value) for name, value in came.headers if name not in {_NUMBER, "host"}]
        request = httpx.Request(
            came.method,
            asked.request.url,
            headers=[("host", asked.request.headers["host"]), *headers],
            content=came.body,
            extensions=asked.request.extensions,
        )
        try:
            response = asked.handler(request)
        except BaseException as error:  # noqa: BLE001 - an interrupt, too, is raised where the test has it
            asked.raised.append(error)
            return Reply(500, b"", wire=Wire.RESET)
        return _as_reply(response)


class _Number:
    """A request's number, while it is on its way."""

    def __init__(self, all_asked: dict[str, _Asked], number: str, asked: _Asked) -> None:
        self._all, self._number = all_asked, number
        self._all[number] = asked

    def __enter__(self) -> str:
        return self._number

    def __exit__(self, *_: object) -> None:
        self._all.pop(self._number)


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
        return Reply(response.status_code, b"".join(pieces) * 2, headers, wire=Wire.RESET_WITHIN)
    body = b"" if response.status_code in _WITHOUT_BODY else b"".join(pieces)
    return Reply(response.status_code, body, headers)
