"""Replies in process: a reply as the httpx response, or the httpx exception, that a real connection would give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx

from ._messages import DeliveryFault, Reply


class _BrokenStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A part of a body, then an error."""

    def __init__(self, piece: bytes, error: httpx.TransportError) -> None:
        self._piece, self._error = piece, error

    def __iter__(self) -> Iterator[bytes]:
        yield self._piece
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._piece
        raise self._error


def to_response(reply: Reply, request: httpx.Request) -> httpx.Response:
    """The response. Raises the exception of httpx if the reply does not arrive."""
    read_timeout = request.extensions.get("timeout", {}).get("read")
    if reply.delivery is DeliveryFault.SILENT or (read_timeout is not None and reply.delay > read_timeout):
        raise httpx.ReadTimeout("the mock does not answer", request=request)
    if reply.delivery is DeliveryFault.REFUSED:
        raise httpx.ConnectError("the mock refuses the connection", request=request)
    if reply.delivery is DeliveryFault.RESET:
        raise httpx.ReadError("the mock resets the connection", request=request)
    half = reply.body[: len(reply.body) // 2]
    headers = list(reply.headers)
    if reply.delivery is DeliveryFault.FALSE_LENGTH:
        return httpx.Response(reply.status, headers=headers, content=half, request=request)
    if reply.delivery is DeliveryFault.RESET_WITHIN:
        broken = _BrokenStream(half, httpx.ReadError("the mock resets the connection", request=request))
        return httpx.Response(reply.status, headers=headers, stream=broken, request=request)
    if reply.delivery is DeliveryFault.CUT_SHORT:
        broken = _BrokenStream(half, httpx.RemoteProtocolError("the mock ends the body too early", request=request))
        return httpx.Response(reply.status, headers=headers, stream=broken, request=request)
    return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(reply.body), request=request)
