"""A virtual clock, for clients and the mock gateway."""

from __future__ import annotations

from random import Random


class VirtualClock:
    """A clock that only moves when something sleeps or `advance` is called. Sleeping returns at once.

    Args:
        start: The time at the beginning, in seconds since 1970.
        seed: The seed of the random numbers that spread retries; the same seed gives the same numbers.
    """

    def __init__(self, start: float = 1_800_000_000.0, *, seed: int = 0) -> None:
        self._now = start
        self._random = Random(seed)  # noqa: S311 - spreads retries; not a secret

    def monotonic(self) -> float:
        """Seconds."""
        return self._now

    def time(self) -> float:
        """Seconds since 1970."""
        return self._now

    def random(self) -> float:
        """A random number from 0 up to 1."""
        return self._random.random()

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Move the clock forward, without waiting."""
        self.advance(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Move the clock forward, and let other tasks run."""
        import anyio.lowlevel  # noqa: PLC0415 - slow to import, and only asynchronous callers need it

        self.advance(seconds)
        await anyio.lowlevel.checkpoint()
