"""Rounds in turns, so that whatever else the machine does falls on both sides; medians, and how far rounds spread."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial

from attrs import field, frozen

Measured = Callable[[], float]  # runs once, and says what it took


@frozen
class Comparison:
    """One thing against another, in seconds for the same work."""

    what: str
    against: str
    at_most: float | None  # of the ratio; None where it is only told
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    per: int = field(default=1)  # calls in a round

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return statistics.median(self.ours) / statistics.median(self.theirs)

    @property
    def holds(self) -> bool:
        """Whether the ratio is within its bound."""
        return self.at_most is None or self.ratio <= self.at_most


@frozen
class Skipped:
    """A comparison that could not be made, because something is not installed."""

    what: str
    against: str
    reason: str


def in_turns(
    what: str, against: str, at_most: float | None, ours: Measured, theirs: Measured, *, rounds: int, per: int = 1
) -> Comparison:
    """Measure both in turns; a first round of each is thrown away, for caches are cold then."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for side, run in zip(took, (ours, theirs), strict=True):
            gc.collect()
            seconds = run()
            if number:
                side.append(seconds)
    return Comparison(what, against, at_most, tuple(took[0]), tuple(took[1]), per)


def processor_time(call: Callable[[], object], times: int) -> Measured:
    """Processor seconds of this process for so many calls."""
    return partial(_timed, time.process_time, call, times)


def wall_time(call: Callable[[], object], times: int = 1) -> Measured:
    """Seconds on the clock for so many calls."""
    return partial(_timed, time.perf_counter, call, times)


def _timed(clock: Callable[[], float], call: Callable[[], object], times: int) -> float:
    start = clock()
    for _ in range(times):
        call()
    return clock() - start
