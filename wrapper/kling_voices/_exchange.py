"""The parts of an exchange with httpx that wait for nothing: the request's making, and the collecting of its answer."""

from __future__ import annotations

from functools import lru_cache
from typing import Self

import httpx

from ._answers import BODY_LIMIT, Answer
from ._clock import Clock
from ._gateways import Destination
from ._steps import Send
from ._transport_errors import MARK
from .errors import InvalidInputError


def build_request(http: httpx.Client | httpx.AsyncClient, destination: Destination, step: Send) -> httpx.Request:
    """The request that leaves: what the generated code described, with our base URL, key and time-out.

    Raises InvalidInputError when the client is closed, and for arguments that no request can carry.
    """
    if http.is_closed:
        raise InvalidInputError("this client is closed; make a new one")
    described = dict(step.request)
    headers = described.get("headers", {})
    if "json" in described and headers.get("Content-Type") == "application/json":
        headers = {name: value for name, value in headers.items() if name != "Content-Type"}  # httpx says it itself
    described["headers"] = {**headers, "Authorization": f"Bearer {destination.api_key}"}
    try:
        described["url"] = _url(destination.base_url + described["url"])
        request = http.build_request(**described, timeout=_timeout(step.seconds))
    except (TypeError, ValueError, httpx.InvalidURL, RecursionError) as error:
        raise InvalidInputError(f"the request cannot be written: {type(error).__name__}") from None
    request.extensions[MARK] = True
    return request


@lru_cache
def _url(text: str) -> httpx.URL:
    """Reading a URL takes as long as everything that we do for a call, and most calls go to the same."""
    return httpx.URL(text)


def _timeout(seconds: float) -> httpx.Timeout:
    """Waiting for a connection ends before the whole does: only then is it known that nothing was sent."""
    return httpx.Timeout(seconds, connect=0.95 * seconds, pool=0.95 * seconds)


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
        if isinstance(error, _TooLong):
            self._flaw = f"the body is longer than {BODY_LIMIT // 2**20} MiB and was not read to its end"
        elif isinstance(error, httpx.DecodingError):
            self._flaw = "the body is not compressed as its Content-Encoding says"
        return self._flaw is not None

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
