"""What both clients share: where they send to, and the exchanges that every call is made of."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from . import _checks, _retries
from ._answers import Answer, Success, interpret
from ._clock import Clock, SystemClock
from ._gateways import Destination
from ._secrets import Secrets, conceal
from ._steps import Plan, Rest, Send, T
from ._transport_errors import describe, may_have_been_sent
from .errors import ConnectionFailedError, KlingVoicesError

logger = logging.getLogger("kling_voices")


class Core:
    """What a call needs to know, without any input or output.

    Attributes:
        destination: Where requests go, and with what key.
        timeout: Seconds that one exchange may take.
        max_retries: How often a request may be sent again.
        clock: Where time and chance come from. A test replaces it to run without sleeping.
    """

    def __init__(self, destination: Destination, *, timeout: float, max_retries: int) -> None:
        _checks.check_seconds("timeout", timeout)
        _checks.check_count("max_retries", max_retries, range(101))
        self.destination = destination
        self.timeout = timeout
        self.max_retries = max_retries
        self.clock: Clock = SystemClock()

    def exchange(
        self,
        request: dict[str, Any],
        reading: Callable[[Success], T],
        *,
        seconds: float,
        querying_one: bool = False,
    ) -> Plan[T]:
        """One request, and what `reading` makes of a successful answer; an error of our tree otherwise."""
        secrets = Secrets(self.destination.api_key, request)
        try:
            answer: Answer = yield Send(request, seconds)
        except KlingVoicesError:
            raise
        except Exception as error:
            sent = may_have_been_sent(error)
            what = "gave no answer" if sent else "could not be reached"
            raise ConnectionFailedError(
                f"{self.destination.name} {what}: {conceal(describe(error), secrets)}", request_sent=sent
            ) from error
        logger.debug("%s %s: %d", request["method"], request["url"], answer.status)
        return reading(interpret(answer, querying_one=querying_one, secrets=secrets, now=self.clock.time()))

    def read(self, request: dict[str, Any], reading: Callable[[Success], T], *, querying_one: bool = False) -> Plan[T]:
        """A request that changes nothing, so it is sent again after whatever may pass."""
        return self.repeat(request, reading, _retries.read_may_be_repeated, querying_one=querying_one)

    def repeat(
        self,
        request: dict[str, Any],
        reading: Callable[[Success], T],
        repeatable: Callable[[KlingVoicesError], bool],
        *,
        querying_one: bool = False,
    ) -> Plan[T]:
        """Send `request` until it succeeds, fails in a way that is not repeatable, or retries or time are used up."""
        deadline = self.deadline()
        attempt = 0
        while True:
            try:
                seconds = self.seconds_left(deadline)
                return (yield from self.exchange(request, reading, seconds=seconds, querying_one=querying_one))
            except KlingVoicesError as failure:
                if not repeatable(failure):
                    raise
                rest = self.pause_before(attempt, deadline, failure)
                if rest is None:
                    raise
            yield rest
            attempt += 1

    def deadline(self) -> float:
        """When a call must have ended, by the monotonic clock: as if each allowed attempt took its whole time."""
        return self.clock.monotonic() + self.timeout * (self.max_retries + 1)

    def seconds_left(self, deadline: float) -> float:
        """How long the next exchange may take."""
        return max(0.001, min(self.timeout, deadline - self.clock.monotonic()))

    def pause_before(self, attempt: int, deadline: float, failure: KlingVoicesError) -> Rest | None:
        """The rest after attempt number `attempt`, or None where no retry or no time is left for another."""
        if attempt >= self.max_retries:
            return None
        seconds = _retries.pause(attempt, self.clock.draw(), failure)
        return Rest(seconds) if self.clock.monotonic() + seconds < deadline else None
