"""The poll times of a batch: a task is polled soon after it has finished, because a finished task frees its slot.

The tasks of a batch are alike, so the duration of finished tasks predicts the duration of the others. The first poll of
a task is just before the shortest recent duration; later polls follow at a small share of the task's age.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .._flows import retry
from ..errors import KlingVoicesError

_RECENT = 20  # durations that are remembered
_FIRST_DELAY = 1.0  # seconds, while no duration is known
_EARLY = 0.95  # share of the shortest recent duration after which the first poll is sent
_MIN_DELAY, _GROWTH = 0.5, 0.04  # seconds, and share of the age, between polls
_UNKNOWN_MIN_DELAY, _UNKNOWN_GROWTH = 1.0, 0.1  # the same while no duration is known
_MAX_DELAY = 10.0  # seconds


class Pace:
    """Remembers how long tasks took."""

    def __init__(self) -> None:
        self._durations: deque[float] = deque(maxlen=_RECENT)

    def observe(self, seconds: float) -> None:
        """A task was first seen as finished after so many seconds."""
        self._durations.append(seconds)

    def first_delay(self) -> float:
        """Seconds from the acceptance of a create to the first poll of its task."""
        return max(_MIN_DELAY, _EARLY * min(self._durations)) if self._durations else _FIRST_DELAY

    def next_delay(self, age: float) -> float:
        """Seconds to the next poll of a task that is `age` seconds old."""
        minimum, growth = (_MIN_DELAY, _GROWTH) if self._durations else (_UNKNOWN_MIN_DELAY, _UNKNOWN_GROWTH)
        return min(_MAX_DELAY, max(minimum, growth * age))

    def delays(self, age: Callable[[], float]) -> Callable[[int, float, KlingVoicesError | None], float]:
        """The delays of one task's polls, as the flow of `wait` asks for them."""

        def delay(poll: int, random: float, failure: KlingVoicesError | None) -> float:
            seconds = self.next_delay(age()) * (0.9 + 0.2 * random)
            return seconds if failure is None else max(seconds, retry.backoff_delay(poll, random, failure))

        return delay
