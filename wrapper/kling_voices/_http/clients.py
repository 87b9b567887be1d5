"""The httpx clients that this package creates: one TLS context per process, and connections that are reused."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import httpx

from ..errors import InvalidInputError
from .endpoint import Endpoint, Gateway

if TYPE_CHECKING:
    import ssl

MAX_CONNECTIONS = 100
LIMITS = httpx.Limits(
    max_connections=MAX_CONNECTIONS,
    max_keepalive_connections=MAX_CONNECTIONS,
    keepalive_expiry=15.0,  # seconds; polls are up to 12 seconds apart
)


def sync_client(endpoint: Endpoint) -> httpx.Client:
    """A client for `endpoint`; for the mock gateway, one that stays inside the process."""
    if endpoint.name == Gateway.MOCK:
        return httpx.Client(transport=_mock_transport(), headers=_headers())
    return httpx.Client(verify=tls_context(), limits=LIMITS, headers=_headers())


def async_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """The asynchronous counterpart of `sync_client`."""
    if endpoint.name == Gateway.MOCK:
        return httpx.AsyncClient(transport=_mock_transport(), headers=_headers())
    return httpx.AsyncClient(verify=tls_context(), limits=LIMITS, headers=_headers())


def aiohttp_client() -> httpx.AsyncClient:
    """An httpx client that uses aiohttp's connections, which stay fast with many concurrent requests.

    Pass it to `AsyncKlingVoices(http_client=aiohttp_client())`, and close it yourself, for example with `async with`.
    It runs on asyncio only, and uses at most 100 connections.

    Raises:
        InvalidInputError: The extra `aiohttp` is not installed.
    """
    try:
        from httpx_aiohttp import HttpxAiohttpClient  # noqa: PLC0415 - the extra may be missing
    except ImportError:
        raise InvalidInputError("aiohttp is not installed; run: pip install 'kling-voices[aiohttp]'") from None
    return HttpxAiohttpClient(verify=tls_context(), limits=LIMITS, headers=_headers())


def tls_context() -> ssl.SSLContext:
    """The TLS context of this process: creating one takes 20 ms, and sharing it allows sessions to be resumed.

    A change of `SSL_CERT_FILE` or `SSL_CERT_DIR`, which httpx reads, leads to a new one.
    """
    return _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _tls_context(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()


@cache
def _headers() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

    try:
        agent = f"kling-voices/{version('kling-voices')}"
    except PackageNotFoundError:  # copied into another source tree, and not installed
        agent = "kling-voices"
    return {"User-Agent": agent, "Accept": "application/json"}


def _mock_transport() -> httpx.MockTransport:
    from ..mock import MockGateway  # noqa: PLC0415 - the extra may be missing

    return httpx.MockTransport(MockGateway().handle)
