"""When to try again, and how long to rest before: pure functions of the failure."""

from __future__ import annotations

from ._codes import may_pass, surely_refused
from .errors import APIError, ConnectionFailedError, KlingVoicesError, RateLimitError

FIRST_PAUSE = 0.5  # seconds
LONGEST_PAUSE = 8.0
RATE_PAUSE = 1.0  # Kling asks for at least a second after 1302 and 1303 (V)
LONGEST_RETRY_AFTER = 60.0  # what a gateway may ask for at most

FIRST_POLL = 1.0  # a creation took 9 s (L), others plan for minutes
POLL_GROWTH = 1.5
LONGEST_POLL = 10.0


def pause(attempt: int, draw: float, failure: KlingVoicesError | None = None) -> float:
    """Seconds to rest after the failed attempt number `attempt`, counted from 0.

    Doubles each time and is spread over its upper half by `draw`, a random number from 0 to 1, so that many clients
    do not come back at once. A `Retry-After` counts instead where it is longer, up to a minute.
    """
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt, 10)) * (0.5 + draw / 2)
    if isinstance(failure, RateLimitError):
        seconds = max(seconds, RATE_PAUSE * (1 + draw / 2))
    if isinstance(failure, APIError) and failure.retry_after is not None:
        seconds = max(seconds, min(failure.retry_after, LONGEST_RETRY_AFTER))
    return seconds


def poll_pause(number: int, draw: float, failure: KlingVoicesError | None = None) -> float:
    """Seconds to rest after question number `number` for a task, counted from 0, the last having failed or not."""
    seconds = min(LONGEST_POLL, FIRST_POLL * POLL_GROWTH ** min(number, 10)) * (0.8 + 0.4 * draw)
    return seconds if failure is None else max(seconds, pause(number, draw, failure))


def read_may_be_repeated(failure: KlingVoicesError) -> bool:
    """A read costs nothing, so it is sent again after whatever may pass."""
    if isinstance(failure, ConnectionFailedError):
        return True
    return isinstance(failure, APIError) and may_pass(failure)


def write_may_be_repeated(failure: KlingVoicesError) -> bool:
    """A write is sent again only when it cannot have been accepted: no connection was made, or a passing 429."""
    if isinstance(failure, ConnectionFailedError):
        return not failure.request_sent
    return isinstance(failure, RateLimitError) and failure.status_code == 429 and may_pass(failure)


def write_was_refused(failure: KlingVoicesError) -> bool:
    """Whether a write that failed so has certainly not been carried out."""
    if isinstance(failure, ConnectionFailedError):
        return not failure.request_sent
    return isinstance(failure, APIError) and surely_refused(failure)
