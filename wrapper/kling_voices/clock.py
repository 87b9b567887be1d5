"""Time and randomness, as one object that a test can replace."""

from __future__ import annotations

import random
import time
from typing import Protocol, runtime_checkable


@runtime_checkable
class Clock(Protocol):
    """Time, sleeping and randomness for retries and waits. All times are in seconds."""

    def monotonic(self) -> float:
        """Seconds that never go backwards, for deadlines."""

    def time(self) -> float:
        """Seconds since 1970, to evaluate a `Retry-After` date."""

    def random(self) -> float:
        """A random number from 0 up to 1, to spread retries."""

    def sleep(self, seconds: float) -> None:
        """Sleep, in a synchronous client."""

    async def async_sleep(self, seconds: float) -> None:
        """Sleep, in an asynchronous client."""


class SystemClock:
    """The clock of the operating system."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def random(self) -> float:
        """A random number from 0 up to 1."""
        return random.random()  # noqa: S311 - spreads retries; not a secret

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Sleep without blocking the event loop, on asyncio or trio."""
        import anyio  # noqa: PLC0415 - slow to import, and only asynchronous callers need it

        await anyio.sleep(seconds)
