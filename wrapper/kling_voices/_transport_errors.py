"""What a failure of the transport tells: whether the request may have reached the gateway, and in which words."""

from __future__ import annotations

import httpx

# A mark on the requests of ours: httpx tells by which request an error of the transport has come.
MARK = "kling_voices"

# Raised by a transport before the first byte of a request leaves.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# httpx-aiohttp 0.2 says ConnectTimeout for a connection that was lost after the request was sent, too: it maps the base
# class of aiohttp's connection errors so. These are the ones that really come from connecting.
_AIOHTTP_CONNECTING = (
    "ClientConnectorError",
    "ConnectionTimeoutError",
    "ClientProxyConnectionError",
    "ClientHttpProxyError",
)

_TIMED_OUT: dict[type[BaseException], str] = {
    httpx.ConnectTimeout: "connecting timed out",
    httpx.PoolTimeout: "no connection became free in time",
}


def may_have_been_sent(error: BaseException) -> bool:
    """False only when no connection was made, so that the request cannot have been accepted."""
    if not isinstance(error, _NOTHING_SENT) or not _is_of_our_request(error):
        return True
    cause = error.__cause__
    if cause is None or not type(cause).__module__.startswith("aiohttp"):
        return False
    return not any(kind.__name__ in _AIOHTTP_CONNECTING for kind in type(cause).__mro__)


def _is_of_our_request(error: httpx.RequestError) -> bool:
    # What a caller's event hook raises comes after the answer, whatever its class; httpx gives no request to that.
    try:
        return MARK in error.request.extensions
    except RuntimeError:
        return False


def describe(error: BaseException) -> str:
    """The failure in a few words."""
    if isinstance(error, httpx.TimeoutException) and not str(error):
        return _TIMED_OUT.get(type(error), "the time ran out")
    words = " ".join(str(error).split())
    return words or type(error).__name__
