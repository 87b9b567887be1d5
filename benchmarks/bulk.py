"""How close a batch comes to the shortest possible time, and how many creates are refused; in virtual time.

With P slots and tasks of T seconds, N voices take at least N/P * T. If another client of the account uses slots, the
shortest possible time is when the remaining slots have worked for N * T in total. The other client takes two fifths of
the slots (at least one) five times, for a fifth of the time. Responses take no time; the disk is not measured.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
from attrs import frozen
from kling_voices import AsyncKlingVoices, BatchProgress, VoiceRequest
from kling_voices._bulk import ledger_file
from kling_voices.mock import MockGateway, VirtualClock

VOICES = 1000
SECONDS = 10.0  # of a task
SLOTS = (1, 5, 50)
BOUNDS = {"fixed": 1.10, "auto": 1.25}
MAX_REFUSED = 0.1  # of the creates after warm-up
_STRETCHES, _BUSY_SHARE, _TAKEN_SHARE = 5, 0.2, 0.4


@frozen
class Result:
    """One batch.

    Attributes:
        slots: Slots of the account.
        mode: `fixed` or `auto`.
        is_shared: Whether another client takes slots.
        seconds: How long the batch took.
        shortest: The shortest possible time, in seconds.
        refused: Share of refused creates after the first tenth of the voices.
        used: The number of running tasks and the time, in seconds, whenever it has changed.
    """

    slots: int
    mode: str
    is_shared: bool
    seconds: float
    shortest: float
    refused: float
    used: tuple[tuple[float, int], ...]

    @property
    def ratio(self) -> float:
        """The time, compared with the shortest possible time."""
        return self.seconds / self.shortest

    @property
    def is_within_bounds(self) -> bool:
        """Whether both limits are kept."""
        return self.ratio <= BOUNDS[self.mode] and self.refused < MAX_REFUSED


def measure(voices: int = VOICES) -> Iterator[Result]:
    """Run all batches."""
    for slots in SLOTS:
        for mode in BOUNDS:
            for is_shared in (False, True):
                yield measure_one(slots, mode, voices, is_shared=is_shared)


def measure_one(slots: int, mode: str, voices: int, *, is_shared: bool) -> Result:
    """Run one batch."""
    clock = VirtualClock()
    start = clock.monotonic()
    gateway = MockGateway(clock=clock, creation_seconds=SECONDS, parallel_tasks=slots)
    run = _SharedAccount(slots, voices) if is_shared else None
    used: list[tuple[float, int]] = []
    after_warm_up: list[tuple[int, int]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if run is not None:
            gateway.occupy(run.taken(clock.monotonic() - start))
        return gateway.handle(request)

    def watch(progress: BatchProgress) -> None:
        used.append((clock.monotonic() - start, progress.running))
        if progress.sent >= voices // 10:
            after_warm_up.append((progress.refusals, progress.sent))

    async def create() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as http:
            client = AsyncKlingVoices("mock-key", gateway="mock", http_client=http, clock=clock)
            requests = (VoiceRequest(f"Voice {n}", voice_url="https://example.com/a.mp3") for n in range(voices))
            with tempfile.TemporaryDirectory() as folder:
                results = client.create_many(
                    requests,
                    ledger=Path(folder) / "voices.sqlite",
                    parallel=slots if mode == "fixed" else "auto",
                    on_progress=watch,
                )
                states = [result.state async for result in results]
        if states != ["succeeded"] * voices:
            raise AssertionError(f"not every voice was created: {set(states)}")

    synchronous, ledger_file.SYNCHRONOUS = ledger_file.SYNCHRONOUS, "OFF"
    try:
        asyncio.run(create())
    finally:
        ledger_file.SYNCHRONOUS = synchronous
    (refusals, sent), (all_refusals, all_sent) = after_warm_up[0], after_warm_up[-1]
    refused = (all_refusals - refusals) / max(1, all_sent - sent)
    shortest = run.shortest() if run is not None else voices / slots * SECONDS
    return Result(slots, mode, is_shared, clock.monotonic() - start, shortest, refused, tuple(used))


class _SharedAccount:
    """Another client of the account, which takes slots in stretches of the same length, with pauses between them."""

    def __init__(self, slots: int, voices: int) -> None:
        self._slots, self._work = slots, voices * SECONDS
        self._period = voices / slots * SECONDS / _STRETCHES
        self._count = max(1, round(_TAKEN_SHARE * slots))

    def taken(self, seconds: float) -> int:
        """The slots that the other client uses at that time."""
        is_busy = seconds % self._period >= (1 - _BUSY_SHARE) * self._period
        return self._count if is_busy else 0

    def shortest(self) -> float:
        """When the other slots have worked long enough."""
        step = self._period / 1000
        work, number = 0.0, 0
        while work < self._work:
            work += step * (self._slots - self.taken((number + 0.5) * step))
            number += 1
        return number * step


def table(results: Sequence[Result]) -> Iterator[str]:
    """The results as a Markdown table."""
    yield "| slots | parallel | account | time | shortest possible | ratio | bound | refused after warm-up |"
    yield "|---|---|---|---|---|---|---|---|"
    for result in results:
        mark = "" if result.is_within_bounds else " **exceeded**"
        yield (
            f"| {result.slots} | {result.slots if result.mode == 'fixed' else 'auto'} "
            f"| {'shared' if result.is_shared else 'alone'} | {result.seconds:,.0f} s | {result.shortest:,.0f} s "
            f"| {result.ratio:.3f} | {BOUNDS[result.mode]:.2f}{mark} | {100 * result.refused:.1f} % |"
        )


def plot(results: Sequence[Result], file: Path) -> None:
    """The slots in use over time, as a picture. Raises ImportError if matplotlib is not installed."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "bulk"  # the same numbers give the same file
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(len(SLOTS), 2, figsize=(10, 7), layout="constrained", sharex="row", sharey="row")
    for row, slots in zip(axes, SLOTS, strict=True):
        for axis, is_shared in zip(row, (False, True), strict=True):
            for result in results:
                if (result.slots, result.is_shared) == (slots, is_shared):
                    points = _thinned(result.used)
                    times, counts = zip(*points, strict=True)
                    label = f"{result.mode}: {result.ratio:.2f}"
                    axis.step(times, counts, where="post", label=label, linewidth=0.8)
            axis.axhline(slots, color="grey", linestyle=":", linewidth=0.8)
            account = "another client takes some" if is_shared else "alone"
            axis.set(title=f"{slots} slot{'s' if slots > 1 else ''}, {account}", ylim=(0, None))
            axis.legend(loc="lower right", fontsize="small")
    for axis in axes[-1]:
        axis.set(xlabel="seconds")
    figure.supylabel("slots in use")
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _thinned(used: Sequence[tuple[float, int]], count: int = 600) -> list[tuple[float, int]]:
    """At most so many points: the last one of each interval."""
    interval = used[-1][0] / count
    last = {int(seconds / interval): (seconds, number) for seconds, number in used}
    return list(last.values())
