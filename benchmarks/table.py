"""The results of a run as Markdown and JSON, and the comparison of two runs."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from .growth import Point
from .measure import Comparison, Skipped

Results = Sequence[Comparison | Skipped]


def markdown(results: Results) -> Iterator[str]:
    """A row for each comparison: median per call, interquartile spread, and ratio."""
    yield "| what | compared with | ours | theirs | ratio | bound |"
    yield "|---|---|---|---|---|---|"
    for result in results:
        if isinstance(result, Skipped):
            yield f"| {result.what} | {result.against} | skipped: {result.reason} | | | |"
            continue
        bound = "" if result.bound is None else f"{result.bound:.2f}{'' if result.is_within_bound else ' **exceeded**'}"
        ours, theirs = (_format(side, result.calls) for side in (result.ours, result.theirs))
        yield f"| {result.what} | {result.against} | {ours} | {theirs} | {result.ratio:.2f} | {bound} |"


def growth(points: Sequence[Point]) -> Iterator[str]:
    """A row for each number of creates."""
    yield "| creates at concurrency 64 | seconds | microseconds per create | peak MiB |"
    yield "|---|---|---|---|"
    for point in points:
        each = 1e6 * point.seconds / point.creates
        yield f"| {point.creates:,} | {point.seconds:.3f} | {each:.0f} | {point.kibibytes / 1024:.1f} |"


def as_json(results: Results, points: Sequence[Point]) -> dict[str, Any]:
    """A run as JSON types."""
    return {
        "python": platform.python_version(),
        "comparisons": [
            {**attrs.asdict(result), "ratio": result.ratio, "is_within_bound": result.is_within_bound}
            if isinstance(result, Comparison)
            else attrs.asdict(result)
            for result in results
        ],
        "growth": [attrs.asdict(point) for point in points],
    }


def compare_runs(run: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """The ratios of two runs, for the comparisons that both have."""
    before = {(c["what"], c["against"]): c["ratio"] for c in other["comparisons"] if "ratio" in c}
    yield "| what | compared with | ratio | other run | change |"
    yield "|---|---|---|---|---|"
    for comparison in run["comparisons"]:
        old = before.get((comparison["what"], comparison["against"]))
        if "ratio" not in comparison or old is None:
            continue
        new = comparison["ratio"]
        change = f"{100 * (new / old - 1):+.0f} %"
        yield f"| {comparison['what']} | {comparison['against']} | {new:.2f} | {old:.2f} | {change} |"


def _format(seconds: Sequence[float], calls: int) -> str:
    median = statistics.median(seconds) / calls
    low, high = _interquartile_range(seconds)
    return f"{_with_unit(median)} ± {50 * (high - low) / calls / median:.0f} %"


def _interquartile_range(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 4:
        return min(seconds), max(seconds)
    quarters = statistics.quantiles(seconds, n=4)
    return quarters[0], quarters[2]


def _with_unit(seconds: float) -> str:
    return f"{1e6 * seconds:.0f} µs" if seconds < 0.01 else f"{1e3 * seconds:.0f} ms"
