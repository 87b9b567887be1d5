"""Time and memory as creates grow in number, at concurrency 64: the time for each may not grow."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from .canned import canned_server
from .many_calls import at_once, ours

NUMBERS = (10, 100, 1_000, 10_000)
_ROUNDS = 5


@frozen
class Point:
    """So many creates."""

    creates: int
    seconds: float  # for all of them
    kibibytes: int  # that the process has held at most


def measure() -> list[Point]:
    """Each number in a process of its own, for the memory that a process held at most never shrinks."""
    with canned_server() as base_url:
        return [_point(base_url, creates) for creates in NUMBERS]


def _point(base_url: str, creates: int) -> Point:
    command = [sys.executable, "-m", "benchmarks.growth", base_url, str(creates)]
    points = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(_ROUNDS)]
    best = min(points, key=lambda point: float(point["seconds"]))
    return Point(creates, best["seconds"], best["kibibytes"])


def plot(points: list[Point], file: Path) -> None:
    """The time and the memory for each create, as a picture. Raises ImportError without matplotlib."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"  # the same numbers give the same file
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    numbers = [point.creates for point in points]
    left.plot(numbers, [1e6 * point.seconds / point.creates for point in points], marker="o")
    left.set(xscale="log", xlabel="creates", ylabel="microseconds for each", title="time", ylim=(0, None))
    right.plot(numbers, [point.kibibytes / 1024 for point in points], marker="o")
    right.set(xscale="log", xlabel="creates", ylabel="MiB held at most", title="memory", ylim=(0, None))
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def held_at_most() -> int:
    """KiB of memory that this process has held at most, since it runs this program.

    `ru_maxrss` is no measure of it where /proc is: it keeps what the process held that this one was forked from.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        return int(lines["VmHWM"].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _in_this_process(base_url: str, creates: int) -> None:
    asyncio.run(at_once(lambda: asyncio.sleep(0), 1))  # an event loop has been made before
    ours(base_url, creates=64)()
    seconds = ours(base_url, creates=creates)()
    print(json.dumps({"seconds": seconds, "kibibytes": held_at_most()}))


if __name__ == "__main__":
    _in_this_process(sys.argv[1], int(sys.argv[2]))
