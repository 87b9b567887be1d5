"""Sending one request, once or with retries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .._protocol.redaction import RequestSecrets, redact
from .._protocol.responses import RawResponse, Success, parse
from ..errors import ConnectionFailedError, KlingVoicesError
from . import retry
from .steps import Flow, SendRequest, Sleep, T, TransportFailure
from .validation import validate_clock, validate_count, validate_seconds

if TYPE_CHECKING:
    from .._http.endpoint import Endpoint
    from .._protocol.operations import OperationCatalog
    from ..clock import Clock

logger = logging.getLogger("kling_voices")


@frozen
class CallContext:
    """The settings of a client that its flows need.

    Attributes:
        endpoint: The gateway, with its base URL and key.
        timeout: Seconds for one request and its response, up to a week. The synchronous client limits each step of a
            request instead.
        max_retries: How many times a request may be sent again.
        clock: Time and randomness.
        catalog: The operations of `call`.
    """

    endpoint: Endpoint
    timeout: float
    max_retries: int
    clock: Clock
    catalog: OperationCatalog

    def __attrs_post_init__(self) -> None:
        validate_seconds("timeout", self.timeout)
        validate_count("max_retries", self.max_retries, range(101))
        validate_clock(self.clock)

    def deadline(self) -> float:
        """The end of a call on the monotonic clock: enough time for every allowed attempt."""
        return self.clock.monotonic() + self.timeout * (self.max_retries + 1)

    def time_left(self, deadline: float) -> float:
        """Seconds for the next request."""
        return max(0.001, min(self.timeout, deadline - self.clock.monotonic()))

    def next_retry(self, attempt: int, deadline: float, failure: KlingVoicesError) -> Sleep | None:
        """The pause after attempt number `attempt`, counted from 0; None if no retry or no time is left."""
        if attempt >= self.max_retries:
            return None
        delay = retry.backoff_delay(attempt, self.clock.random(), failure)
        if self.clock.monotonic() + delay >= deadline:
            return None
        logger.info("retry %d of %d in %.2f s: %s", attempt + 1, self.max_retries, delay, failure)
        return Sleep(delay)


def send_once(
    context: CallContext,
    request: dict[str, Any],
    parse_data: Callable[[Success], T],
    *,
    timeout: float,
    is_task_query: bool = False,
) -> Flow[T]:
    """Send a request and return what `parse_data` makes of a successful response.

    Raises:
        APIError: The gateway responded, but not with success.
        ConnectionFailedError: There was no response.
    """
    secrets = RequestSecrets(context.endpoint.api_key, request)
    try:
        response: RawResponse = yield SendRequest(request, timeout)
    except TransportFailure as failure:
        problem = "did not respond" if failure.request_sent else "could not be reached"
        raise ConnectionFailedError(
            f"{context.endpoint.name} {problem}: {redact(str(failure), secrets)}", request_sent=failure.request_sent
        ) from failure.__cause__
    logger.debug("%s %s: %d", request["method"], request["url"], response.status)
    return parse_data(parse(response, is_task_query=is_task_query, secrets=secrets, now=context.clock.time()))


def send_with_retries(
    context: CallContext,
    request: dict[str, Any],
    parse_data: Callable[[Success], T],
    is_retryable: Callable[[KlingVoicesError], bool] = retry.is_read_retryable,
    *,
    is_task_query: bool = False,
) -> Flow[T]:
    """Send a request until it succeeds, fails in a way that is not retryable, or no retry or time is left."""
    deadline = context.deadline()
    attempt = 0
    while True:
        try:
            timeout = context.time_left(deadline)
            return (yield from send_once(context, request, parse_data, timeout=timeout, is_task_query=is_task_query))
        except KlingVoicesError as failure:
            sleep = context.next_retry(attempt, deadline, failure) if is_retryable(failure) else None
            if sleep is None:
                raise
        yield sleep
        attempt += 1
