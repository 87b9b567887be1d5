"""Apply each seeded fault to a copy of the project, run the tests, and write which test caught it, and how fast.

    python -m contract_tests.mutants.scoreboard [WORD …]     only faults whose group or name contains one of the words

Exit codes: 0 all faults were caught, 1 some survived, 2 a fault does not apply, or a test fails without any fault.
"""

from __future__ import annotations

import json
import queue
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from .catalog import Fault, StaleFaultError, applies, read_equivalents, read_faults
from .runner import ROOT, Result, RunError, check_baseline, project_copy, run_fault

REPORT = ROOT / "build" / "mutants"
WORKERS = 2


def run_faults(faults: list[Fault]) -> Iterator[Result]:
    """Run all faults in parallel, each worker in its own copy of the project; yields the results in order."""
    with ExitStack() as stack:
        trees: queue.Queue[Path] = queue.Queue()
        for _ in range(WORKERS):
            trees.put(stack.enter_context(project_copy()))

        def run(fault: Fault) -> Result:
            tree = trees.get()
            try:
                return run_fault(tree, fault)
            finally:
                trees.put(tree)

        tree = trees.get()
        check_baseline(tree, faults)
        trees.put(tree)
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        stack.callback(pool.shutdown, cancel_futures=True)
        yield from pool.map(run, faults)


def _is_selected(fault: Fault, words: list[str]) -> bool:
    return not words or any(word in f"{fault.group} {fault.name}" for word in words)


def table(results: Iterable[Result]) -> Iterator[str]:
    """The results in Markdown."""
    yield "| group | fault | consequence for users | caught by | seconds |"
    yield "|---|---|---|---|---|"
    for fault, caught_by, seconds in results:
        cells = (fault.group, fault.name, fault.consequence, caught_by or "**survived**", f"{seconds:.0f}")
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "| equivalent edit, not run | proof |"
    yield "|---|---|"
    for equivalent in read_equivalents():
        yield f"| {equivalent.name}: `{equivalent.old}` to `{equivalent.new}` | {equivalent.proof} |"


def write(results: list[Result], folder: Path) -> None:
    """Write the results as Markdown, and as JSON for the report of the contract tests."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scoreboard.md").write_text("\n".join(table(results)) + "\n", encoding="utf-8")
    rows = [{**result.fault._asdict(), "caught_by": result.caught_by, "seconds": result.seconds} for result in results]
    (folder / "scoreboard.json").write_text(json.dumps(rows, indent=2), encoding="utf-8")


def main(words: list[str]) -> int:
    """Run the faults and write the results."""
    start = time.perf_counter()
    results: list[Result] = []
    try:
        faults = [fault for fault in read_faults() if _is_selected(fault, words)]
        if not faults:
            raise StaleFaultError(f"no group and no name of a fault contains {' or '.join(map(repr, words))}")
        if stale := [fault for fault in faults if not applies(fault, ROOT)]:
            names = ", ".join(f"{fault.group}: {fault.name}" for fault in stale)
            raise StaleFaultError(f"these faults no longer apply: {names}")
        for result in run_faults(faults):
            results.append(result)
            status = "caught" if result.caught_by else "SURVIVED"
            count = f"{len(results):>3}/{len(faults)}"
            print(f"{count} {status:8} {result.seconds:5.1f} s  {result.fault.group}: {result.fault.name}", flush=True)
    except (StaleFaultError, RunError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    write(results, REPORT)
    survivors = [result.fault for result in results if result.caught_by is None]
    by_first = sum(bool(r.fault.first and r.caught_by and r.caught_by.startswith(r.fault.first)) for r in results)
    groups = ", ".join(f"{group} {count}" for group, count in Counter(fault.group for fault in faults).items())
    print(
        f"mutants: {len(faults) - len(survivors)} of {len(faults)} caught, {by_first} by the expected test, "
        f"in {time.perf_counter() - start:.0f} s ({groups})"
    )
    for fault in survivors:
        print(f"mutants: survived: {fault.group}: {fault.name}", file=sys.stderr)
    return 1 if survivors or not faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
