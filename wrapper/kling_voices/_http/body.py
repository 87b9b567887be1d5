"""Reading a response body, up to a size limit and a deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Self, cast

import httpx

from .._protocol.responses import BODY_LIMIT, RawResponse
from ..clock import Clock


class _BodyTooLong(Exception):
    """The body is longer than the limit."""


class _WatchedStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A stream that passes each received chunk to a function, also one that decodes to nothing."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream, receive: Callable[[bytes], None]) -> None:
        self._stream, self._receive = stream, receive

    def __iter__(self) -> Iterator[bytes]:
        for chunk in cast("httpx.SyncByteStream", self._stream):
            self._receive(chunk)
            yield chunk

    def __aiter__(self) -> AsyncIterator[bytes]:  # not a generator: trio warns of one that does not run to its end
        self._chunks = aiter(cast("httpx.AsyncByteStream", self._stream))
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        self._receive(chunk)
        return chunk

    def close(self) -> None:
        cast("httpx.SyncByteStream", self._stream).close()

    async def aclose(self) -> None:
        await cast("httpx.AsyncByteStream", self._stream).aclose()


class BodyReader:
    """Collects the body of one response. A context manager around the loop that passes it the chunks.

    A body that is too long or not decodable is reported in the `RawResponse`, because its status and headers still
    count.
    """

    def __init__(self, response: httpx.Response, clock: Clock, timeout: float) -> None:
        self._response = response
        self._clock = clock
        self._deadline = clock.monotonic() + timeout
        self._chunks: list[bytes] = []
        self._length = self._received = 0
        self._error: str | None = None
        self._is_compressed = "content-encoding" in response.headers
        if self._is_compressed:  # else every received chunk is a decoded chunk
            response.stream = _WatchedStream(response.stream, self._receive)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if isinstance(error, _BodyTooLong):
            self._error = f"the body is longer than {BODY_LIMIT // 2**20} MiB, so it was not read completely"
        elif isinstance(error, httpx.DecodingError):
            self._error = "the body is not compressed as its Content-Encoding says"
        return self._error is not None

    def add(self, chunk: bytes) -> None:
        """Add a decoded chunk."""
        self._chunks.append(chunk)
        self._length += len(chunk)
        if self._length > BODY_LIMIT:
            raise _BodyTooLong
        if not self._is_compressed:
            self._check_time()

    def _receive(self, chunk: bytes) -> None:
        """Look at a chunk as it was received. Raises TimeoutError after the deadline, however slowly it arrives."""
        if self._received > BODY_LIMIT:  # the chunk that crosses the limit is still decoded and kept up to it
            raise _BodyTooLong
        self._received += len(chunk)
        self._check_time()

    def _check_time(self) -> None:
        if self._clock.monotonic() > self._deadline:
            raise TimeoutError("the response did not end in time")

    def result(self) -> RawResponse:
        """The response with the collected body."""
        body = b"".join(self._chunks)[:BODY_LIMIT]
        return RawResponse(self._response.status_code, self._response.headers, body, self._error)
