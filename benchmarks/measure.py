"""Measuring two things alternately, so that other load on the machine affects both alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from attrs import field, frozen

Measurement: TypeAlias = Callable[[], float]  # runs once, and returns seconds


@frozen
class Comparison:
    """Two measurements of the same work.

    Attributes:
        what: Our side.
        against: The other side.
        bound: The largest ratio that is acceptable; None if there is no bound.
        ours: Seconds of each round of our side.
        theirs: Seconds of each round of the other side.
        calls: Calls per round.
    """

    what: str
    against: str
    bound: float | None
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    calls: int = field(default=1)

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return statistics.median(self.ours) / statistics.median(self.theirs)

    @property
    def is_within_bound(self) -> bool:
        """Whether the ratio does not exceed the bound."""
        return self.bound is None or self.ratio <= self.bound


@frozen
class Skipped:
    """A comparison that could not be made, because something is not installed."""

    what: str
    against: str
    reason: str


def compare_alternately(
    what: str, against: str, bound: float | None, ours: Measurement, theirs: Measurement, *, rounds: int, calls: int = 1
) -> Comparison:
    """Measure both sides alternately. The first round of each is discarded, because caches are cold."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for side, measure in zip(seconds, (ours, theirs), strict=True):
            gc.collect()
            elapsed = measure()
            if number:
                side.append(elapsed)
    return Comparison(what, against, bound, tuple(seconds[0]), tuple(seconds[1]), calls)


def processor_time(call: Callable[[], object], times: int) -> Measurement:
    """Processor seconds of this process for a number of calls."""
    return partial(_measure, time.process_time, call, times)


def elapsed_time(call: Callable[[], object], times: int = 1) -> Measurement:
    """Elapsed seconds for a number of calls."""
    return partial(_measure, time.perf_counter, call, times)


def _measure(clock: Callable[[], float], call: Callable[[], object], times: int) -> float:
    start = clock()
    for _ in range(times):
        call()
    return clock() - start
