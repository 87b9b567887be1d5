"""Classifying transport exceptions: whether the request may have reached the gateway."""

from __future__ import annotations

import httpx

from .._flows.steps import TransportFailure

# An extension of each request of this package. httpx attaches the request to its transport exceptions.
REQUEST_EXTENSION = "kling_voices"

# Raised by a transport before the first byte of a request is sent.
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# httpx-aiohttp 0.2 also raises ConnectTimeout if a connection is lost after the request was sent, because it maps
# the base class of aiohttp's connection errors to it. These are the aiohttp errors that come from connecting.
_AIOHTTP_BEFORE_SENDING = (
    "ClientConnectorError",
    "ConnectionTimeoutError",
    "ClientProxyConnectionError",
    "ClientHttpProxyError",
)

_TIMEOUT_MESSAGES: dict[type[BaseException], str] = {
    httpx.ConnectTimeout: "connecting timed out",
    httpx.PoolTimeout: "no connection became free in time",
}


def to_transport_failure(error: Exception) -> TransportFailure:
    """The failure that a flow receives in place of the transport's exception."""
    return TransportFailure(_message(error), request_sent=may_have_been_sent(error))


def may_have_been_sent(error: BaseException) -> bool:
    """False only if no connection was made, so the request cannot have been accepted."""
    if not isinstance(error, _BEFORE_SENDING) or not _has_our_request(error):
        return True
    cause = error.__cause__
    if cause is None or not type(cause).__module__.startswith("aiohttp"):
        return False
    return not any(kind.__name__ in _AIOHTTP_BEFORE_SENDING for kind in type(cause).__mro__)


def _has_our_request(error: httpx.RequestError) -> bool:
    # An exception of a caller's event hook has no request. It may be raised after the response, for any class.
    try:
        return REQUEST_EXTENSION in error.request.extensions
    except RuntimeError:
        return False


def _message(error: Exception) -> str:
    if isinstance(error, (httpx.TimeoutException, TimeoutError)) and not str(error):
        return _TIMEOUT_MESSAGES.get(type(error), "the request timed out")
    return " ".join(str(error).split()) or type(error).__name__
