"""Reading a response body, up to a size limit and a deadline."""

from __future__ import annotations

from typing import Self

import httpx

from .._protocol.responses import BODY_LIMIT, RawResponse
from ..clock import Clock


class _BodyTooLong(Exception):
    """The body is longer than the limit."""


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
        self._length = 0
        self._error: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if isinstance(error, _BodyTooLong):
            self._error = f"the body is longer than {BODY_LIMIT // 2**20} MiB, so it was not read completely"
        elif isinstance(error, httpx.DecodingError):
            self._error = "the body is not compressed as its Content-Encoding says"
        return self._error is not None

    def add(self, chunk: bytes) -> None:
        """Add a chunk. Raises TimeoutError after the deadline, however slowly the body arrives."""
        self._chunks.append(chunk)
        self._length += len(chunk)
        if self._length > BODY_LIMIT:
            raise _BodyTooLong
        if self._clock.monotonic() > self._deadline:
            raise TimeoutError("the response did not end in time")

    def result(self) -> RawResponse:
        """The response with the collected body."""
        body = b"".join(self._chunks)[:BODY_LIMIT]
        return RawResponse(self._response.status_code, self._response.headers, body, self._error)
