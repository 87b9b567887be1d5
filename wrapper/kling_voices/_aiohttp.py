"""httpx's client over aiohttp; it needs the extra `aiohttp`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import weakref
from typing import Any

import httpcore
import httpx
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

from ._originals import is_original

# Where mocks of httpx hook in (respx, pytest-httpx, a hand-written patch), and the module that each is at home in.
_TRANSPORTS = (
    (httpx.AsyncHTTPTransport, "httpx._transports.default"),
    (httpcore.AsyncConnectionPool, "httpcore._async.connection_pool"),
)
# What `send` below passes by, where others (tracers, vcrpy) hook in.
_SENDING = ("send", "_send_handling_auth", "_send_handling_redirects", "_send_single_request")

_httpx_logger = logging.getLogger("httpx")


class AiohttpClient(HttpxAiohttpClient):
    """A client over aiohttp that goes over httpx's own transport while that is mocked.

    A test that mocks httpx must not reach the network because a faster transport happens to be installed: each create
    would be charged. And as with httpx, who forgets to close it is not scolded.
    """

    is_timed_as_a_whole = True  # by AsyncKlingVoices, so that no part of an exchange needs a timer of its own

    def __init__(self, *, verify: ssl.SSLContext, limits: httpx.Limits, **options: Any) -> None:
        super().__init__(verify=verify, limits=limits, **options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._plain = httpx.AsyncHTTPTransport(verify=verify, limits=limits)

    @property
    def goes_over(self) -> str:
        """aiohttp, or httpx's own connections while these are mocked or traced."""
        return "httpx" if _is_mocked() else "aiohttp"

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
        self._settle_in_this_loop()
        if _is_hooked():
            return await super().send(request, **how)
        try:
            response = await self._transport_for_url(request.url).handle_async_request(request)
        except httpx.RequestError as error:
            error.request = request
            raise
        response.request = request
        if "set-cookie" in response.headers:
            self.cookies.extract_cookies(response)
        if _httpx_logger.isEnabledFor(logging.INFO):
            answered = (response.http_version, response.status_code, response.reason_phrase)
            _httpx_logger.info('HTTP Request: %s %s "%s %d %s"', request.method, request.url, *answered)
        return response

    def _settle_in_this_loop(self) -> None:
        """Leave behind the connections of a loop that is not this one: nothing can be read from them any more."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                for transport in (self._transport, *self._mounts.values()):
                    if isinstance(transport, AiohttpTransport):
                        _abandon(transport)
                        transport.client = None
            self._loop = loop

    async def aclose(self) -> None:
        """Close both transports."""
        await super().aclose()
        await self._plain.aclose()


def _is_mocked() -> bool:
    return not all(is_original(kind.handle_async_request, home) for kind, home in _TRANSPORTS)


def _is_hooked() -> bool:
    return not all(is_original(getattr(httpx.AsyncClient, name, None), "httpx._client") for name in _SENDING)


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
