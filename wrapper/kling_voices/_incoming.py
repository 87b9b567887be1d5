"""The answer as it comes in: collected up to a limit, and within its time."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import Self, TypeVar, cast

import httpx

from ._answers import BODY_LIMIT, Answer
from ._clock import Clock
from ._steps import Send

Pieces = TypeVar("Pieces", Iterable[bytes], AsyncIterable[bytes])


class _TooLong(Exception):
    """The body is longer than we read."""


class Reader:
    """Collects a body up to the limit and within the time; entered around the loop that gives it the chunks."""

    def __init__(self, response: httpx.Response, step: Send, clock: Clock) -> None:
        self._response = response
        self._clock = clock
        self._deadline = clock.monotonic() + step.seconds
        self._chunks: list[bytes] = []
        self._length = 0
        self._flaw: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        """Keep what makes a body unreadable as the answer's flaw: its status and headers still count."""
        if isinstance(error, httpx.RequestError):
            error.request = self._response.request  # as httpx itself tells it
        if isinstance(error, _TooLong):
            self._flaw = f"the body is longer than {BODY_LIMIT // 2**20} MiB and was not read to its end"
        elif isinstance(error, httpx.DecodingError):
            self._flaw = "the body is not compressed as its Content-Encoding says"
        return self._flaw is not None

    def pieces(self, decoded: Callable[[], Pieces]) -> Pieces:
        """Where the body comes from: the wire itself, where nothing is to be decoded and nobody has read it before."""
        response = self._response
        if response.is_stream_consumed or "content-encoding" in response.headers:
            return decoded()
        return cast("Pieces", response.stream)

    def take(self, chunk: bytes) -> None:
        """Keep a piece of the body; stop at the limit, and at the end of the time however slowly it drips in."""
        self._chunks.append(chunk)
        self._length += len(chunk)
        if self._length > BODY_LIMIT:
            raise _TooLong
        if self._clock.monotonic() > self._deadline:
            raise httpx.ReadTimeout("the answer did not end in time")

    def answer(self) -> Answer:
        """What came."""
        body = b"".join(self._chunks)[:BODY_LIMIT]
        return Answer(self._response.status_code, self._response.headers, body, self._flaw)
