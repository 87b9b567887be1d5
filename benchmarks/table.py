"""A run as a table, as JSON, and beside another run."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from .growth import Point
from .measure import Comparison, Skipped
from .profiling import Share

Results = Sequence[Comparison | Skipped]


def markdown(results: Results) -> Iterator[str]:
    """The comparisons, a row each: medians for one call, how far the middle half of the rounds spreads, the ratio."""
    yield "| what | against | ours | theirs | ratio | at most |"
    yield "|---|---|---|---|---|---|"
    for result in results:
        if isinstance(result, Skipped):
            yield f"| {result.what} | {result.against} | skipped: {result.reason} | | | |"
            continue
        bound = "" if result.at_most is None else f"{result.at_most:.2f}{'' if result.holds else ' **exceeded**'}"
        ours, theirs = (_shown(side, result.per) for side in (result.ours, result.theirs))
        yield f"| {result.what} | {result.against} | {ours} | {theirs} | {result.ratio:.2f} | {bound} |"


def shares(found: Sequence[Share]) -> Iterator[str]:
    """The parts of a call."""
    yield "| part of one create | microseconds |"
    yield "|---|---|"
    for part, microseconds in found:
        yield f"| {part} | {microseconds:.1f} |"


def growth(points: Sequence[Point]) -> Iterator[str]:
    """The growth."""
    yield "| creates at concurrency 64 | seconds | microseconds for each | MiB held at most |"
    yield "|---|---|---|---|"
    for point in points:
        each = 1e6 * point.seconds / point.creates
        yield f"| {point.creates:,} | {point.seconds:.3f} | {each:.0f} | {point.kibibytes / 1024:.1f} |"


def as_json(results: Results, found: Sequence[Share], points: Sequence[Point]) -> dict[str, Any]:
    """A run as JSON types."""
    return {
        "python": platform.python_version(),
        "comparisons": [
            {**attrs.asdict(result), "ratio": result.ratio, "holds": result.holds}
            if isinstance(result, Comparison)
            else attrs.asdict(result)
            for result in results
        ],
        "profile": [share._asdict() for share in found],
        "growth": [attrs.asdict(point) for point in points],
    }


def beside(run: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """The ratios of two runs."""
    before = {(c["what"], c["against"]): c["ratio"] for c in other["comparisons"] if "ratio" in c}
    yield "| what | against | ratio now | ratio there | change |"
    yield "|---|---|---|---|---|"
    for comparison in run["comparisons"]:
        then = before.get((comparison["what"], comparison["against"]))
        if "ratio" not in comparison or then is None:
            continue
        now = comparison["ratio"]
        change = f"{100 * (now / then - 1):+.0f} %"
        yield f"| {comparison['what']} | {comparison['against']} | {now:.2f} | {then:.2f} | {change} |"


def _shown(seconds: Sequence[float], per: int) -> str:
    median = statistics.median(seconds) / per
    low, high = _middle_half(seconds)
    return f"{_in_units(median)} ± {50 * (high - low) / per / median:.0f} %"


def _middle_half(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 4:
        return min(seconds), max(seconds)
    quarters = statistics.quantiles(seconds, n=4)
    return quarters[0], quarters[2]


def _in_units(seconds: float) -> str:
    return f"{1e6 * seconds:.0f} µs" if seconds < 0.01 else f"{1e3 * seconds:.0f} ms"
