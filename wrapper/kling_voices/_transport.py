"""The httpx clients that we make ourselves: one TLS context a process, connections that are kept, aiohttp's speed.

httpx's own asynchronous pool slows down as concurrency grows; aiohttp's does not, and httpx-aiohttp puts httpx's
interface before it. Where that extra is installed it is used.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import httpx

from ._gateways import Destination, Gateway

if TYPE_CHECKING:
    import ssl

CONNECTIONS = 100
LIMITS = httpx.Limits(
    max_connections=CONNECTIONS,
    max_keepalive_connections=CONNECTIONS,
    keepalive_expiry=15.0,  # seconds; two polls are up to 12 apart
)


def _headers() -> dict[str, str]:
    """What our own clients say of themselves; a caller's client says what the caller wants."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    try:
        agent = f"kling-voices/{version('kling-voices')}"
    except PackageNotFoundError:  # copied into somebody's tree, and not installed
        agent = "kling-voices"
    return {"User-Agent": agent, "Accept": "application/json"}


def blocking_client(destination: Destination) -> httpx.Client:
    """A client for `destination`; for the mock gateway, one that never leaves the process."""
    if destination.name == Gateway.MOCK:
        return httpx.Client(transport=_mock(), headers=_headers())
    return httpx.Client(verify=tls_context(), limits=LIMITS, headers=_headers())


def async_client(destination: Destination) -> httpx.AsyncClient:
    """The same to await, over aiohttp where the extra is installed."""
    if destination.name == Gateway.MOCK:
        return httpx.AsyncClient(transport=_mock(), headers=_headers())
    try:
        from ._aiohttp import AiohttpClient  # noqa: PLC0415 - the extra may be missing
    except ImportError:
        return httpx.AsyncClient(verify=tls_context(), limits=LIMITS, headers=_headers())
    return AiohttpClient(verify=tls_context(), limits=LIMITS, headers=_headers())


def transport_name(http: httpx.AsyncClient, *, owned: bool) -> str:
    """What an asynchronous client goes over: aiohttp, httpx's own connections, the mock, or what was given."""
    if not owned:
        return "given"
    if type(http) is not httpx.AsyncClient:
        return str(http.goes_over)  # type: ignore[attr-defined] # of an extra that may be missing
    return "mock" if isinstance(http._transport, httpx.MockTransport) else "httpx"  # noqa: SLF001 - httpx tells it nowhere


def tls_context() -> ssl.SSLContext:
    """The one TLS context of this process: making one takes 20 ms, and sharing it lets sessions be resumed.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` are read as httpx reads them; where they change, a new one is made.
    """
    return _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _tls_context(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _mock() -> httpx.MockTransport:
    from .mock import MockGateway  # noqa: PLC0415 - only who mocks needs it, and the extra

    return httpx.MockTransport(MockGateway().handle)
