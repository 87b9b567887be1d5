"""The limiter and the pace of polling, without a gateway."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices._bulk.limiter import Limiter
from kling_voices._bulk.pace import Pace
from kling_voices.errors import RateLimitError


def _fill(limiter: Limiter, allowed: int) -> int:
    """Send creates while there is room, to an account with so many slots; returns how many were refused."""
    refused = 0
    while limiter.has_room:
        generation = limiter.send()
        if limiter.running > allowed:
            limiter.refused(generation)
            refused += 1
        else:
            limiter.accepted(generation)
    return refused


@pytest.mark.parametrize("allowed", [1, 2, 5, 50, 150])
def test_auto_finds_the_limit(allowed: int) -> None:
    """One refusal is enough to find the limit, and none of the running tasks is lost."""
    limiter = Limiter("auto")
    assert _fill(limiter, allowed) == 1
    assert limiter.running == allowed


def test_a_refusal_halves_the_limit() -> None:
    """From 41 to 20, while 40 tasks run."""
    limiter = Limiter("auto")
    _fill(limiter, 40)
    assert (limiter.tasks, limiter.limit, limiter.refusals, limiter.consecutive_refusals) == (40, 20, 1, 1)


def test_creates_that_were_sent_together_are_one_event() -> None:
    """Of twenty creates at the same time, five are accepted, in any order: the limit is five, after one back-off."""
    for first in ("accepted", "refused"):
        limiter = Limiter(20)
        generations = [limiter.send() for _ in range(20)]
        answers = {"accepted": generations[:5], "refused": generations[5:]}
        for answer in (first, "refused" if first == "accepted" else "accepted"):
            for generation in answers[answer]:
                getattr(limiter, answer)(generation)
        assert (limiter.tasks, limiter.limit, limiter.refusals) == (5, 5, 15)
        assert limiter.consecutive_refusals == (1 if first == "accepted" else 0)


def test_the_limit_recovers_while_tasks_finish() -> None:
    """After a halving, slots are refilled before half of the tasks have finished, and all of them soon afterwards."""
    limiter = Limiter("auto")
    _fill(limiter, 40)
    lowest = 40
    for _ in range(40):
        limiter.finished()
        refused = _fill(limiter, 40)
        lowest = min(lowest, limiter.running)
        assert refused == 0
    assert lowest > 25
    assert limiter.running == 40


@pytest.mark.parametrize("allowed", [1, 5, 50])
def test_refusals_are_rare(allowed: int) -> None:
    """Near the limit fewer than one create in ten is refused, and hardly a slot is unused."""
    limiter = Limiter("auto")
    _fill(limiter, allowed)
    refused = used = 0
    for _ in range(1000):
        limiter.finished()
        refused += _fill(limiter, allowed)
        used += limiter.running
    assert refused < 100
    assert used / 1000 > 0.9 * allowed


def test_more_slots_are_noticed() -> None:
    """When another user of the account frees slots, they are found by a probe, and then taken quickly."""
    limiter = Limiter("auto")
    _fill(limiter, 5)
    for _ in range(40):
        limiter.finished()
        _fill(limiter, 50)
    assert limiter.running == 50


def test_a_number_is_the_maximum() -> None:
    """A fixed limit is never exceeded. After a refusal it goes down to what runs, and later back to the number."""
    limiter = Limiter(5)
    assert _fill(limiter, 3) == 1
    assert (limiter.running, limiter.limit) == (3, 3)
    for _ in range(40):
        limiter.finished()
        _fill(limiter, 5)
        assert limiter.limit <= 5
    assert (limiter.running, limiter.limit) == (5, 5)


@given(
    parallel=st.one_of(st.just("auto"), st.integers(1, 20)),
    events=st.lists(st.tuples(st.sampled_from(["accept", "refuse", "finish"]), st.integers(0, 5))),
)
def test_invariants(parallel: int | Literal["auto"], events: list[tuple[str, int]]) -> None:
    """For any order of events the limit is at least 1 and at most the number, and slots are counted exactly."""
    limiter = Limiter(parallel)
    sending: list[int] = []
    running = 0
    for event, index in events:
        if event == "finish" and running:
            limiter.finished()
            running -= 1
        elif event != "finish":
            if limiter.has_room:
                sending.append(limiter.send())
            if sending and event == "accept":
                limiter.accepted(sending.pop(index % len(sending)))
                running += 1
            elif sending:
                limiter.refused(sending.pop(index % len(sending)))
        assert limiter.running == len(sending) + running
        assert 1 <= limiter.limit <= (parallel if parallel != "auto" else 200)


def test_polls_follow_the_duration_of_earlier_tasks() -> None:
    """The first poll is just before the shortest recent duration; then polls are frequent."""
    pace = Pace()
    assert pace.first_delay() == 1
    for seconds in (60, 50, 70):
        pace.observe(seconds)
    assert pace.first_delay() == pytest.approx(47.5)
    assert 0.5 <= pace.next_delay(47.5) < 2.5
    for _ in range(20):
        pace.observe(10)
    assert pace.first_delay() == pytest.approx(9.5)


@given(st.floats(0, 1e6), st.lists(st.floats(0, 1e5), max_size=3), st.floats(0, 1))
def test_delays_are_bounded(age: float, durations: list[float], random: float) -> None:
    """For any durations, polls are between 0.4 and 11 seconds apart, or follow `Retry-After`."""
    pace = Pace()
    for seconds in durations:
        pace.observe(seconds)
    delay = pace.delays(lambda: age)
    assert 0.4 < delay(0, random, None) <= 11
    busy = RateLimitError("busy", status_code=429, retry_after=30)
    assert delay(0, random, busy) >= 30
    assert pace.first_delay() >= 0.5
