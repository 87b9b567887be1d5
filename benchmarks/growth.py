"""Time and memory as the number of creates grows, at concurrency 64. Neither may grow per create."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from .many_calls import creates, run_concurrently
from .response_server import response_server

NUMBERS = (10, 100, 1_000, 10_000)
_ROUNDS = 5


@frozen
class Point:
    """One measurement.

    Attributes:
        creates: The number of creates.
        seconds: Elapsed time for all of them.
        kibibytes: Peak memory of the process, in KiB.
    """

    creates: int
    seconds: float
    kibibytes: int


def measure() -> list[Point]:
    """Measure each number in its own process, because the peak memory of a process never shrinks."""
    with response_server() as base_url:
        return [_point(base_url, number) for number in NUMBERS]


def _point(base_url: str, number: int) -> Point:
    command = [sys.executable, "-m", "benchmarks.growth", base_url, str(number)]
    points = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(_ROUNDS)]
    best = min(points, key=lambda point: float(point["seconds"]))
    return Point(number, best["seconds"], best["kibibytes"])


def plot(points: list[Point], file: Path) -> None:
    """Write an SVG plot of time and memory per create. Raises ImportError if matplotlib is not installed."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"  # the same numbers give the same file
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    numbers = [point.creates for point in points]
    left.plot(numbers, [1e6 * point.seconds / point.creates for point in points], marker="o")
    left.set(xscale="log", xlabel="creates", ylabel="microseconds per create", title="time", ylim=(0, None))
    right.plot(numbers, [point.kibibytes / 1024 for point in points], marker="o")
    right.set(xscale="log", xlabel="creates", ylabel="peak MiB", title="memory", ylim=(0, None))
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def peak_memory() -> int:
    """Peak memory of this process, in KiB.

    On Linux, `ru_maxrss` includes the memory of the process that this one was forked from, so /proc is read instead.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        return int(lines["VmHWM"].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _measure_in_this_process(base_url: str, number: int) -> None:
    asyncio.run(run_concurrently(lambda: asyncio.sleep(0), 1))  # warm up: the first event loop is slow to create
    creates(base_url, count=64)()
    seconds = creates(base_url, count=number)()
    print(json.dumps({"seconds": seconds, "kibibytes": peak_memory()}))


if __name__ == "__main__":
    _measure_in_this_process(sys.argv[1], int(sys.argv[2]))
