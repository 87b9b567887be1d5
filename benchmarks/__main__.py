"""Run the benchmarks: `nox -s bench [-- --only NAME --rounds N --compare OTHER.json]`.

Prints the table, writes it as JSON, and with --compare shows it beside another run's. Exit codes: 0 every ratio holds,
3 some is exceeded.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import growth, many_calls, one_call, profiling, serving, startup, table
from .measure import Comparison, Skipped

EXCEEDED = 3  # and not 1, with which a crash ends
SUBJECTS = {
    "one_call": one_call.compare,
    "many_calls": many_calls.compare,
    "startup": startup.compare,
    "serving": serving.compare,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*SUBJECTS, "growth", "profile"]
    parser.add_argument("--only", action="append", choices=names, help="only this; may be repeated")
    parser.add_argument("--rounds", type=int, default=9, help="of each comparison; short calls take more (default: 9)")
    parser.add_argument("--json", type=Path, default=Path("build/bench/bench.json"), help="where the run is written")
    parser.add_argument("--plot", type=Path, help="where the plot of the growth is written")
    parser.add_argument("--compare", type=Path, metavar="OTHER.json", help="another run, to stand beside this one")
    options = parser.parse_args(arguments)
    other = json.loads(options.compare.read_text(encoding="utf-8")) if options.compare else None
    chosen = options.only or names
    results: list[Comparison | Skipped] = []
    for name, compare in SUBJECTS.items():
        if name in chosen:
            print(f"bench: {name} …", file=sys.stderr)
            results += compare(options.rounds)
    points = growth.measure() if "growth" in chosen else []
    shares = list(profiling.measure()) if "profile" in chosen else []
    if points and options.plot:
        growth.plot(points, options.plot)
    run = table.as_json(results, shares, points)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(run, indent=2), encoding="utf-8")
    for lines in (
        table.markdown(results) if results else (),
        table.shares(shares) if shares else (),
        table.growth(points) if points else (),
        table.beside(run, other) if other else (),
    ):
        text = "\n".join(lines)
        if text:
            print(f"{text}\n")
    exceeded = [result for result in results if isinstance(result, Comparison) and not result.holds]
    return EXCEEDED if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
