"""The shared state of the requests of one run: settings, ledger, limiter, and whether the run must stop."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from .._flows import retry
from .._flows.send import CallContext
from ..errors import (
    AuthenticationError,
    ConnectionFailedError,
    KlingVoicesError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
)
from .ledger import Ledger
from .limiter import Limiter
from .pace import Pace

# After so many creates in a row whose outcome is unknown, the gateway is regarded as broken. Going on would leave every
# request of the batch unknown.
MAX_UNKNOWN_IN_A_ROW = 5

# Maximum seconds of back-off while other users of the account use all slots.
MAX_BACKOFF = 60.0


@define
class Run:
    """One run of a batch.

    Attributes:
        context: The settings of the client.
        ledger: The ledger.
        limiter: The slots.
        timeout: Seconds to wait for each task.
        resend_unknown: Whether a create whose task is not found is sent again.
        retry_refused: Whether refused requests of an earlier run are sent again.
        creates_left: How many creates may still be sent; None for no limit.
        pace: When to poll.
        stop_reason: Why nothing more is sent; None while the run goes on.
        resume_at: Monotonic time before which no create is sent, after a refusal.
        release_upload: Keeps an upload when the batch ends, because the gateway may still fetch it.
        sent: Creates of this run that were accepted or may have been accepted.
    """

    context: CallContext
    ledger: Ledger
    limiter: Limiter
    timeout: float
    resend_unknown: bool
    retry_refused: bool
    creates_left: int | None
    pace: Pace = field(factory=Pace)
    stop_reason: KlingVoicesError | None = None
    resume_at: float = float("-inf")
    release_upload: Callable[[str], object] = field(default=lambda _: None)
    sent: int = 0
    _shortest_resume_at: float = float("-inf")
    _unknown_in_a_row: int = 0

    @property
    def may_send(self) -> bool:
        """Whether this run sends any more creates."""
        return self.stop_reason is None and self.creates_left != 0

    def take_slot(self) -> int:
        """Count a create that is about to be sent. Returns the limiter's generation."""
        self.sent += 1
        if self.creates_left is not None:
            self.creates_left -= 1
        return self.limiter.send()

    def not_created(self) -> None:
        """A create was certainly not accepted, so it does not count against `max_creates`."""
        self.sent -= 1
        if self.creates_left is not None:
            self.creates_left += 1

    def slot_refused(self, generation: int, failure: KlingVoicesError) -> None:
        """A create was not accepted, because too many tasks run. Kling asks for exponential back-off from 1 s (V)."""
        self.not_created()
        self.limiter.refused(generation)
        now, random = self.context.clock.monotonic(), self.context.clock.random()
        self._shortest_resume_at = now + retry.backoff_delay(0, random, failure)
        delay = min(MAX_BACKOFF, 2.0 ** min(self.limiter.consecutive_refusals - 1, 10)) * (1 + random / 2)
        self.resume_at = max(self.resume_at, self._shortest_resume_at, now + delay)

    def task_finished(self) -> None:
        """A task of this run has finished, so its slot is free, however long the back-off is."""
        self.limiter.finished()
        self.resume_at = min(self.resume_at, self._shortest_resume_at)

    def accepted(self, generation: int) -> None:
        """A create was accepted."""
        self._unknown_in_a_row = 0
        self.limiter.accepted(generation)

    def outcome_unknown(self, failure: KlingVoicesError) -> None:
        """A create ended with an unknown outcome."""
        self._unknown_in_a_row += 1
        if self._unknown_in_a_row >= MAX_UNKNOWN_IN_A_ROW:
            self.stop(failure)

    def stop(self, reason: KlingVoicesError) -> None:
        """Send nothing more. Tasks that run are still waited for."""
        self.stop_reason = self.stop_reason or reason


def is_slot_refusal(failure: KlingVoicesError) -> bool:
    """Whether a create was rejected only because too many tasks or requests are under way (1302, 1303; V)."""
    return isinstance(failure, RateLimitError) and retry.is_write_rejected(failure) and retry.is_read_retryable(failure)


def stops_the_run(failure: KlingVoicesError) -> bool:
    """Whether every other create would fail for the same reason: it lies in the account, the gateway or the network."""
    if isinstance(failure, ConnectionFailedError):
        return not failure.request_sent
    return isinstance(failure, (AuthenticationError, PermissionDeniedError, QuotaExceededError, NotFoundError))
