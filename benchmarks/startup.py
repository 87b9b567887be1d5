"""Time to start: importing the package, and the command line's help."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from .measure import Comparison, Measurement, Skipped, compare_alternately, elapsed_time


def _running(*command: str) -> Measurement:
    return elapsed_time(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def _importing(statement: str) -> Measurement:
    """The import alone, without the start of the interpreter."""
    code = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"

    def run() -> float:
        return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)

    return run


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """All comparisons of the start."""
    rounds *= 2
    # `import kling_voices` does not import httpx. The second statement does, and has no bound.
    for statement, bound in (("import kling_voices", 1.3), ("from kling_voices import KlingVoices", None)):
        peer = "import httpx"
        yield compare_alternately(statement, peer, bound, _importing(statement), _importing(peer), rounds=rounds)
    script = Path(sysconfig.get_path("scripts")) / "kling-voices"
    what, against = "kling-voices --help", "python -c 'import httpx, typer'"
    if not script.exists():
        yield Skipped(what, against, "the extra cli is not installed")
        return
    yield compare_alternately(
        what,
        against,
        1.2,
        _running(str(script), "--help"),
        _running(sys.executable, "-c", "import httpx, typer"),
        rounds=rounds,
    )
