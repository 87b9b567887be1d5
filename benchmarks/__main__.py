"""Run the benchmarks: `nox -s bench [-- --only NAME --rounds N --compare OTHER.json]`.

Prints tables and writes the results as JSON; --compare adds a table with the ratios of another run. Exit codes: 0 every
ratio is within its bound, 3 at least one is exceeded.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import bulk, growth, many_calls, mock_server, one_call, recordings, startup, table
from .measure import Comparison, Skipped

EXCEEDED = 3  # 1 is the exit code of a crash
BENCHMARKS = {
    "one_call": one_call.compare,
    "many_calls": many_calls.compare,
    "startup": startup.compare,
    "mock_server": mock_server.compare,
    "recordings": recordings.compare,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*BENCHMARKS, "growth", "bulk"]
    parser.add_argument("--only", action="append", choices=names, help="run only this benchmark; may be repeated")
    parser.add_argument(
        "--rounds", type=int, default=9, help="rounds per comparison (default: 9); short calls use more"
    )
    parser.add_argument("--json", type=Path, default=Path("build/bench/bench.json"), help="file for the results")
    parser.add_argument("--plot", type=Path, help="file for the plot of time and memory, as SVG")
    parser.add_argument("--bulk-plot", type=Path, help="file for the plot of slots in use, as SVG")
    parser.add_argument("--compare", type=Path, metavar="OTHER.json", help="results of another run to compare with")
    options = parser.parse_args(arguments)
    other = json.loads(options.compare.read_text(encoding="utf-8")) if options.compare else None
    chosen = options.only or names
    results: list[Comparison | Skipped] = []
    for name, compare in BENCHMARKS.items():
        if name in chosen:
            print(f"bench: {name} …", file=sys.stderr)
            results += compare(options.rounds)
    points = growth.measure() if "growth" in chosen else []
    if points and options.plot:
        growth.plot(points, options.plot)
    batches = list(bulk.measure()) if "bulk" in chosen else []
    if batches and options.bulk_plot:
        bulk.plot(batches, options.bulk_plot)
    run = table.as_json(results, points)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(run, indent=2), encoding="utf-8")
    for lines in (
        table.markdown(results) if results else (),
        table.growth(points) if points else (),
        bulk.table(batches) if batches else (),
        table.compare_runs(run, other) if other else (),
    ):
        text = "\n".join(lines)
        if text:
            print(f"{text}\n")
    exceeded = [result for result in results if isinstance(result, Comparison) and not result.is_within_bound]
    return EXCEEDED if exceeded or not all(batch.is_within_bounds for batch in batches) else 0


if __name__ == "__main__":
    sys.exit(main())
