"""Time and chance, as one thing that a test can replace."""

from __future__ import annotations

import random
import time
from typing import Protocol


class Clock(Protocol):
    """What retries and waits know of time; everything in seconds."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for deadlines."""

    def time(self) -> float:
        """Seconds since 1970, to read a `Retry-After` date against."""

    def draw(self) -> float:
        """A random number from 0 up to 1, to spread retries."""

    def sleep(self, seconds: float) -> None:
        """Rest, in a synchronous client."""

    async def asleep(self, seconds: float) -> None:
        """Rest, in an asynchronous client."""


class SystemClock:
    """The real clock."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def draw(self) -> float:
        """A number from 0 up to 1."""
        return random.random()  # noqa: S311 - spreads retries, keeps no secret

    def sleep(self, seconds: float) -> None:
        """Rest."""
        time.sleep(seconds)

    async def asleep(self, seconds: float) -> None:
        """Rest without holding up the event loop."""
        import asyncio  # noqa: PLC0415 - costs as much to import as the rest of this package; only async callers need it

        await asyncio.sleep(seconds)
