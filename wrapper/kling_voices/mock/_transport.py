"""The mock inside the process: an answer as httpx would have seen it come over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx

from ._messages import Reply, Wire


class _Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Half of a body, then an error."""

    def __init__(self, piece: bytes, error: httpx.TransportError) -> None:
        self._piece, self._error = piece, error

    def __iter__(self) -> Iterator[bytes]:
        yield self._piece
        raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._piece
        raise self._error


def answered(reply: Reply, request: httpx.Request) -> httpx.Response:
    """The response, or the error that httpx raises where the answer does not arrive."""
    patience = request.extensions.get("timeout", {}).get("read")
    if reply.wire is Wire.SILENT or (patience is not None and reply.delay > patience):
        raise httpx.ReadTimeout("the mock does not answer", request=request)
    if reply.wire is Wire.REFUSED:
        raise httpx.ConnectError("the mock refuses the connection", request=request)
    if reply.wire is Wire.RESET:
        raise httpx.ReadError("the mock resets the connection", request=request)
    half = reply.body[: len(reply.body) // 2]
    headers = list(reply.headers)
    if reply.wire is Wire.FALSE_LENGTH:
        return httpx.Response(reply.status, headers=headers, content=half, request=request)
    if reply.wire is Wire.RESET_WITHIN:
        broken = _Broken(half, httpx.ReadError("the mock resets the connection", request=request))
        return httpx.Response(reply.status, headers=headers, stream=broken, request=request)
    if reply.wire is Wire.CUT_SHORT:
        broken = _Broken(half, httpx.RemoteProtocolError("the mock ends too early", request=request))
        return httpx.Response(reply.status, headers=headers, stream=broken, request=request)
    return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(reply.body), request=request)
