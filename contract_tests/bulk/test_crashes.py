"""A batch crashes after any commit, in one of two processes, under any fault: no create is sent twice, none is lost.

A crash is simulated by a ledger that raises after a commit and does nothing afterwards, as if the process were gone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from kling_voices import KlingVoices, KlingVoicesError, VoiceRequest, VoiceResult
from kling_voices._bulk import batch as batch_module
from kling_voices._bulk import ledger_file
from kling_voices._bulk.ledger import LEASE, Ledger
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.batches import KEY, SILENCE, URL, RecordingGateway, requests, rows, run_batch, states
from tests.support.hypothesis_profiles import amount, is_thorough

CREATE, QUERY = "create_custom_voice", "get_custom_voice"


class Crash(BaseException):
    """The process ends here."""


class CrashingLedger(Ledger):
    """A ledger whose process ends after a number of transitions and commits."""

    commits_left: float = float("inf")
    commits = 0

    def _count(self, result: Any) -> Any:
        CrashingLedger.commits += 1
        CrashingLedger.commits_left -= 1
        if CrashingLedger.commits_left == 0:
            self._die()
        return result

    def _die(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        raise Crash

    def plan(self, plans: Any) -> None:
        """Enter requests, and perhaps crash."""
        self._count(super().plan(plans))

    def advance(self, *arguments: Any, **options: Any) -> bool:
        """Make a transition, and perhaps crash before it is committed."""
        return bool(self._count(super().advance(*arguments, **options)))

    def commit(self) -> None:
        """Commit, and perhaps crash."""
        super().commit()
        self._count(None)

    def take_over(self, entry: Any) -> bool:
        """Make a transition, and perhaps crash before it is committed."""
        return bool(self._count(super().take_over(entry)))

    def renew(self) -> None:
        """Commit, and perhaps crash."""
        self._count(super().renew())


@pytest.fixture(autouse=True)
def _crashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ledger_file, "SYNCHRONOUS", "OFF")
    monkeypatch.setattr(batch_module, "Ledger", CrashingLedger)
    CrashingLedger.commits_left = float("inf")
    CrashingLedger.commits = 0
    yield
    CrashingLedger.commits_left = float("inf")


def _count_commits(tmp_path: Path, run: Callable[[Path], object]) -> int:
    CrashingLedger.commits = 0
    run(tmp_path / "counted.sqlite")
    return CrashingLedger.commits


@pytest.mark.parametrize(("kind", "first"), [("sync", 1), ("asyncio", 2), ("trio", 3)])
def test_a_crash_after_each_commit(kind: Any, first: int, tmp_path: Path) -> None:
    """Wherever a batch crashes, the next run finishes it; only a create that was intended and never sent is unknown.

    The clients take turns: each crashes after every third commit, or after every one in a thorough run.
    """

    def setting() -> tuple[VirtualClock, RecordingGateway]:
        clock = VirtualClock()
        gateway = MockGateway(clock=clock, creation_seconds=9, parallel_tasks=2)
        gateway.misbehave(Fault("reset_after", operation=CREATE, times=1))
        return clock, RecordingGateway(gateway)

    def count(ledger: Path) -> None:
        clock, gateway = setting()
        run_batch(kind, gateway, clock, requests(3), ledger, parallel=2)

    commits = _count_commits(tmp_path, count)
    assert commits > 12
    numbers = range(1, commits + 1) if is_thorough() else range(first, commits + 1, 3)
    crashes = 0
    for number in numbers:
        clock, gateway = setting()
        ledger = tmp_path / f"{number}.sqlite"
        CrashingLedger.commits_left = number
        try:
            run_batch(kind, gateway, clock, requests(3), ledger, parallel=2)
        except Crash:
            crashes += 1
        else:  # on trio, the order of tasks is random, and so is the number of commits
            assert CrashingLedger.commits_left > 0
            CrashingLedger.commits_left = float("inf")
        accepted = {task.external_task_id for task in gateway.gateway.tasks}
        before = {row["external_task_id"]: row["state"] for row in rows(ledger)}
        assert all(before[external_task_id] != "planned" for external_task_id in accepted if external_task_id)
        results = run_batch(kind, gateway, clock, requests(3), ledger)
        unknown = states(results).get("unknown", 0)
        assert unknown <= 2
        assert states(results).get("succeeded", 0) + unknown == 3
        assert gateway.sent_twice() == []
        assert states(run_batch(kind, gateway, clock, requests(3), ledger, resend_unknown=True)) == {"succeeded": 3}
        assert len(gateway.gateway.tasks) == 3
    assert crashes > 0.8 * len(numbers)


class Batches(RuleBasedStateMachine):
    """Two processes share a ledger. Either may advance, crash, stop and start again, while the gateway misbehaves."""

    names = ("Ada", "Bob", "Eve", "Kai", "Lin", "Mia")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.ledger = folder / "voices.sqlite"
        self.clock = VirtualClock()
        self.gateway = RecordingGateway(MockGateway(clock=self.clock, creation_seconds=9, parallel_tasks=3))
        http = self.stack.enter_context(httpx.Client(transport=httpx.MockTransport(self.gateway.handle)))
        self.client = KlingVoices(KEY, gateway="mock", http_client=http, clock=self.clock, max_retries=1)
        self.requests = [VoiceRequest(name, voice_url=SILENCE if name == "Mia" else URL) for name in self.names]
        self.batches: dict[int, Any] = {}
        self.resent = False
        self.forgotten = 0  # creates that the gateway may accept and never find by their external ids

    def teardown(self) -> None:
        """After any failure: when all leases have expired, one run finishes every request."""
        CrashingLedger.commits_left = float("inf")
        for batch in self.batches.values():
            batch.close()
        self.gateway.gateway.behave()
        self.gateway.gateway.occupy(0)
        self.clock.advance(2 * LEASE)
        expected = {"failed": 1, "succeeded": len(self.names) - 1}
        results = states(self._run_to_the_end(resend_unknown=False))
        assert results.get("unknown", 0) + results.get("succeeded", 0) + results.get("failed", 0) == len(self.names)
        if not self.resent:
            assert self.gateway.sent_twice() == []
        final = states(self._run_to_the_end(resend_unknown=True))
        unknown = final.pop("unknown", 0)
        assert unknown <= self.forgotten
        assert final == expected if not unknown else sum(final.values()) + unknown == len(self.names)
        tasks = {task.external_task_id: task.task_id for task in self.gateway.gateway.tasks}
        known = {row["external_task_id"]: row["task_id"] for row in rows(self.ledger) if row["state"] != "unknown"}
        assert known.items() <= tasks.items()
        assert len(self.gateway.gateway.tasks) == len(self.names)
        self.stack.close()

    def _run_to_the_end(self, *, resend_unknown: bool) -> list[VoiceResult]:
        batch = self.client.create_many(
            self.requests, ledger=self.ledger, resend_unknown=resend_unknown, retry_refused=True
        )
        return list(batch)

    @rule(process=st.sampled_from([1, 2]), parallel=st.sampled_from([1, 3, "auto"]))
    def start(self, process: int, parallel: Any) -> None:
        """Start a process, unless it runs."""
        if process not in self.batches:
            self.batches[process] = self.client.create_many(self.requests, ledger=self.ledger, parallel=parallel)

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), results=st.integers(1, 3))
    def advance(self, data: st.DataObject, results: int) -> None:
        """Let a process work until it has some results."""
        process = data.draw(st.sampled_from(sorted(self.batches)))
        try:
            for _ in range(results):
                next(self.batches[process])
        except (StopIteration, KlingVoicesError):
            del self.batches[process]

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), commits=st.integers(1, 12))
    def crash(self, data: st.DataObject, commits: int) -> None:
        """Let a process end without warning after some commits."""
        process = data.draw(st.sampled_from(sorted(self.batches)))
        CrashingLedger.commits_left = commits
        try:
            for _ in self.batches.pop(process):
                pass
        except (Crash, KlingVoicesError):
            pass
        finally:
            CrashingLedger.commits_left = float("inf")

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        """Stop a process in order, as `break` does."""
        self.batches.pop(data.draw(st.sampled_from(sorted(self.batches)))).close()

    @rule(
        kind=st.sampled_from(
            ["reset_after", "reset_before", "no_answer", "shape_after", "refuse", "reset_within", "forget"]
        ),
        times=st.integers(1, 2),
    )
    def misbehave_on_a_create(self, kind: Any, times: int) -> None:
        """The next creates have ambiguous failures."""
        self.forgotten += times if kind == "forget" else 0
        self.gateway.gateway.misbehave(Fault(kind, operation=CREATE, times=times))

    @rule(shape=st.sampled_from(["kling 429 1303", "kling 429 1302", "kling 429 1102", "kling 400 1301", "HTML 502"]))
    def answer_a_create(self, shape: str) -> None:
        """The next create is rejected, or seems to be."""
        self.gateway.gateway.misbehave(Fault("shape_before", operation=CREATE, times=1, shape=shape))

    @rule(shape=st.sampled_from(["HTML 502", "kling 429 1302", "kling 400 1201"]), times=st.integers(1, 3))
    def misbehave_on_queries(self, shape: str, times: int) -> None:
        """Queries fail, too, or do not find the task."""
        self.gateway.gateway.misbehave(Fault("shape_before", operation=QUERY, times=times, shape=shape))

    @rule(places=st.integers(0, 3))
    def other_customer(self, places: int) -> None:
        """Another user of the account takes slots, but frees them in the end."""
        self.gateway.gateway.occupy(min(places, 2))

    @rule(seconds=st.sampled_from([1.0, 9.0, LEASE + 1]))
    def pass_time(self, seconds: float) -> None:
        """Tasks finish, and leases expire."""
        self.clock.advance(seconds)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        """A create that may have been accepted is never sent again."""
        assert self.gateway.sent_twice() == []

    @invariant()
    def the_ledger_knows_every_charge(self) -> None:
        """Every accepted create is in the ledger, in a state in which it is not sent again."""
        if not self.ledger.exists():
            return
        known = {row["external_task_id"]: row["state"] for row in rows(self.ledger)}
        for task in self.gateway.gateway.tasks:
            assert known[task.external_task_id or ""] in {"intended", "accepted", "succeeded", "failed", "unknown"}


def test_batches_crashes_and_two_processes() -> None:
    """For any order of starts, crashes, stops, faults and time: one charge for each voice, and no create sent twice."""
    run_state_machine_as_test(
        Batches,
        settings=settings(max_examples=amount(40, 1_000), stateful_step_count=20, derandomize=True, deadline=None),
    )


def test_the_machine_sees_a_second_charge() -> None:
    """A create that was sent twice is seen: the machine can fail."""
    machine = Batches()
    machine.gateway.creates["id"] = 2
    with pytest.raises(AssertionError):
        machine.nothing_is_sent_twice()
    machine.stack.close()
