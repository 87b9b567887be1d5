"""httpx's client over aiohttp; it needs the extra `aiohttp`."""

from __future__ import annotations

import contextlib
import ssl
import weakref
from types import FunctionType
from typing import Any

import httpcore
import httpx
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

# Where mocks of httpx hook in (respx, pytest-httpx, a hand-written patch), and the module that each is at home in.
_HOOKS = (
    (httpx.AsyncHTTPTransport, "httpx._transports.default"),
    (httpcore.AsyncConnectionPool, "httpcore._async.connection_pool"),
)


class AiohttpClient(HttpxAiohttpClient):
    """A client over aiohttp that goes over httpx's own transport while that is mocked.

    A test that mocks httpx must not reach the network because a faster transport happens to be installed: each create
    would be charged. And as with httpx, who forgets to close it is not scolded.
    """

    def __init__(self, *, verify: ssl.SSLContext, limits: httpx.Limits, **options: Any) -> None:
        super().__init__(verify=verify, limits=limits, **options)
        self._plain = httpx.AsyncHTTPTransport(verify=verify, limits=limits)

    def _init_transport(self, *args: Any, **kwargs: Any) -> httpx.AsyncBaseTransport:
        return self._abandoned_in_peace(super()._init_transport(*args, **kwargs))

    def _init_proxy_transport(self, *args: Any, **kwargs: Any) -> httpx.AsyncBaseTransport:
        return self._abandoned_in_peace(super()._init_proxy_transport(*args, **kwargs))

    def _abandoned_in_peace(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        weakref.finalize(self, _abandon, transport).atexit = False
        return transport

    def _transport_for_url(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        transport = super()._transport_for_url(url)
        return self._plain if isinstance(transport, AiohttpTransport) and _is_mocked() else transport

    async def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """Straight to the transport: auth, hooks and redirects, which this client lacks, take a quarter of a call.

        Where somebody, such as a tracer, has put another function in the place of httpx's, it goes through that.
        """
        if _is_replaced(httpx.AsyncClient.send, "httpx._client"):
            return await super().send(request, **how)
        try:
            response = await self._transport_for_url(request.url).handle_async_request(request)
        except httpx.RequestError as error:
            error.request = request
            raise
        response.request = request
        if "set-cookie" in response.headers:
            self.cookies.extract_cookies(response)
        return response

    async def aclose(self) -> None:
        """Close both transports."""
        await super().aclose()
        await self._plain.aclose()


def _is_mocked() -> bool:
    return any(_is_replaced(kind.handle_async_request, home) for kind, home in _HOOKS)


def _is_replaced(function: Any, home: str) -> bool:
    # By its type, too, and not by isinstance: a proxy such as wrapt's passes for what it wraps.
    return type(function) is not FunctionType or function.__globals__["__name__"] != home


def _abandon(transport: httpx.AsyncBaseTransport) -> None:
    """Close what a client that nobody closed has left, without a loop to wait on, and without aiohttp's complaint."""
    session = transport.client if isinstance(transport, AiohttpTransport) else None
    if session is None or callable(session) or session.closed:
        return
    connector = session.connector
    session.detach()
    if connector is not None:
        closing = connector.close()
        # Up to where it would wait for the sockets' farewell; by then the connections are closed.
        with contextlib.suppress(StopIteration, RuntimeError):
            closing.__await__().__next__()
