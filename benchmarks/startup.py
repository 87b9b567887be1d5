"""How long it takes until something can begin: importing, and the command line's help."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from .measure import Comparison, Measured, Skipped, in_turns, wall_time


def _running(*command: str) -> Measured:
    return wall_time(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def _importing(statement: str) -> Measured:
    """The import alone, as the process itself sees it."""
    code = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"

    def run() -> float:
        return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)

    return run


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """The comparisons of the start."""
    rounds *= 2
    # The name alone does not import httpx yet; what a program pays in the end is told without a bound.
    for statement, at_most in (("import kling_voices", 1.3), ("from kling_voices import KlingVoices", None)):
        peer = "import httpx"
        yield in_turns(statement, peer, at_most, _importing(statement), _importing(peer), rounds=rounds)
    script = Path(sysconfig.get_path("scripts")) / "kling-voices"
    what, against = "kling-voices --help", "python -c 'import httpx, typer'"
    if not script.exists():
        yield Skipped(what, against, "the extra cli is not installed")
        return
    yield in_turns(
        what,
        against,
        1.2,
        _running(str(script), "--help"),
        _running(sys.executable, "-c", "import httpx, typer"),
        rounds=rounds,
    )
