"""A clock that moves only when it is told to, for client and mock alike."""

from __future__ import annotations

from random import Random


class VirtualClock:
    """Time that passes by sleeping, at once. Seeded, so that two runs draw the same numbers.

    Args:
        start: Seconds since 1970 at the beginning.
        seed: For the numbers that spread retries.
    """

    def __init__(self, start: float = 1_800_000_000.0, *, seed: int = 0) -> None:
        self._now = start
        self._random = Random(seed)  # noqa: S311 - spreads retries, keeps no secret

    def monotonic(self) -> float:
        """Seconds."""
        return self._now

    def time(self) -> float:
        """Seconds since 1970."""
        return self._now

    def random(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.advance(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let time pass, and other tasks run."""
        import anyio.lowlevel  # noqa: PLC0415 - slow to import, and only asynchronous callers need it

        self.advance(seconds)
        await anyio.lowlevel.checkpoint()
