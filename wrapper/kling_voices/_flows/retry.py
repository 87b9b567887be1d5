"""Which failures are retried, and after what delay: pure functions of the failure."""

from __future__ import annotations

from .._protocol.error_codes import is_definite_rejection, is_transient
from .._protocol.responses import names_a_task
from ..errors import APIError, ConnectionFailedError, KlingVoicesError, RateLimitError

# All in seconds.
FIRST_DELAY = 0.5
MAX_DELAY = 8.0
RATE_LIMIT_DELAY = 1.0  # Kling asks for at least one second after 1302 and 1303 (V)
MAX_RETRY_AFTER = 60.0

FIRST_POLL_DELAY = 1.0  # a creation took 9 s (L); others expect minutes
POLL_GROWTH = 1.5
MAX_POLL_DELAY = 10.0


def backoff_delay(attempt: int, random: float, failure: KlingVoicesError | None = None) -> float:
    """Seconds to wait after the failed attempt number `attempt`, counted from 0.

    The delay doubles each time. `random`, a number from 0 to 1, spreads it over its upper half, so that many clients do
    not retry at the same moment. A longer `Retry-After` is used instead, up to one minute.
    """
    delay = min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 10)) * (0.5 + random / 2)
    if isinstance(failure, RateLimitError):
        delay = max(delay, RATE_LIMIT_DELAY * (1 + random / 2))
    if isinstance(failure, APIError) and failure.retry_after is not None:
        delay = max(delay, min(failure.retry_after, MAX_RETRY_AFTER))
    return delay


def poll_delay(poll: int, random: float, failure: KlingVoicesError | None = None) -> float:
    """Seconds to wait after poll number `poll` of a task, counted from 0, which may have ended in `failure`."""
    delay = min(MAX_POLL_DELAY, FIRST_POLL_DELAY * POLL_GROWTH ** min(poll, 10)) * (0.8 + 0.4 * random)
    return delay if failure is None else max(delay, backoff_delay(poll, random, failure))


def is_read_retryable(failure: KlingVoicesError) -> bool:
    """A read costs nothing, so it is retried after every transient failure."""
    if isinstance(failure, ConnectionFailedError):
        return True
    return isinstance(failure, APIError) and is_transient(failure)


def is_write_retryable(failure: KlingVoicesError) -> bool:
    """A write is retried only if it cannot have been accepted: no connection was made, or a transient 429."""
    if isinstance(failure, ConnectionFailedError):
        return not failure.request_sent
    is_too_early = isinstance(failure, RateLimitError) and failure.status_code == 429 and is_transient(failure)
    return is_too_early and is_write_rejected(failure)


def is_write_rejected(failure: KlingVoicesError) -> bool:
    """Whether a write that ended in `failure` was certainly not carried out.

    A response that names a task proves nothing, whatever its status and code.
    """
    if isinstance(failure, ConnectionFailedError):
        return not failure.request_sent
    return (
        isinstance(failure, APIError)
        and is_definite_rejection(failure)
        and not names_a_task(failure.body, with_success_status=200 <= failure.status_code < 300)
    )
