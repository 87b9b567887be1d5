"""The scheduler of a batch decides which request takes its next step, and when. It performs no network I/O.

A runner (`run_sync.py`, `run_async.py`) asks for the next action, executes it in the background, and delivers its
result. Every request is a flow; the scheduler advances a flow when its step has a result, its time has come, or a slot
is free.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import attrs
from attrs import define, field

from .._flows.steps import SendRequest, Sleep, TransportFailure
from ..errors import ConnectionFailedError, InvalidInputError, KlingVoicesError
from .identity import external_task_id_of, fingerprint_of, label_of, source_of
from .ledger import RENEWAL, Plan
from .models import RESULT_STATES, BatchProgress, VoiceRequest, VoiceResult
from .request_flow import Item, conflict, process
from .run import Run
from .steps import AcquireSlot, BulkFlow, Discard, Prepare, WaitForOtherRun

_LOOKAHEAD = 32  # requests that are prepared while they wait for a slot
_MAX_FOREIGN = 256  # requests that wait for another run


@define(eq=False)
class Job:
    """A request on its way."""

    item: Item
    flow: BulkFlow[VoiceResult]
    followers: list[VoiceRequest] = field(factory=list)  # identical requests: they get the same result
    is_foreign: bool = False  # another run works on it


class Start(NamedTuple):
    """Begin a step in the background, and deliver its result."""

    job: Job
    step: SendRequest | Prepare | Discard


class Pull(NamedTuple):
    """Add requests, or say that there are no more."""


class Wait(NamedTuple):
    """Wait for a delivery, but not longer than some seconds (None: as long as it takes)."""

    seconds: float | None


class Done(NamedTuple):
    """There is nothing more to do."""


Action: TypeAlias = Start | Pull | Wait | Done | VoiceResult


class Scheduler:
    """Schedules the requests of one run.

    Args:
        run: What the requests share.
        on_progress: Called when something has changed.
        has_stage: Whether recordings can be uploaded.
    """

    def __init__(
        self, run: Run, on_progress: Callable[[BatchProgress], object] | None, *, has_stage: bool = False
    ) -> None:
        self._run, self._has_stage = run, has_stage
        self._on_progress = on_progress
        self._jobs: dict[str, Job] = {}
        self._starts: deque[Start] = deque()
        self._results: deque[VoiceResult] = deque()
        self._waiting: deque[Job] = deque()  # for a slot
        self._timers: list[tuple[float, int, Job]] = []
        self._numbers = itertools.count()
        self._counts: Counter[str] = Counter()
        self._reported: BatchProgress | None = None
        self._next_renewal = run.context.clock.monotonic() + RENEWAL
        self._failure: BaseException | None = None
        self._is_exhausted = self._is_pulling = self._is_closed = False
        self._foreign = 0
        self.in_flight = 0

    def next_action(self) -> Action:
        """What the runner must do next. Raises what ended the run, such as a ledger that cannot be written."""
        if self._failure is not None:
            raise self._failure
        self._wake_and_grant()
        self._run.ledger.commit()  # nothing above was acted on yet
        self._report()
        if self._starts:
            self.in_flight += 1
            return self._starts.popleft()
        if self._results:
            return self._results.popleft()
        if self._wants_requests():
            self._is_pulling = True
            return Pull()
        if self._jobs or self._is_pulling:
            return Wait(self._seconds_to_next())
        return Done()

    def add(self, requests: Sequence[VoiceRequest], *, is_last: bool) -> None:
        """Add requests, after `Pull`; `is_last` if no more follow."""
        self._is_pulling, self._is_exhausted = False, is_last
        if self._is_closed:
            return
        items = [item for item in map(self._identified, requests) if item is not None]
        self._run.ledger.plan(
            Plan(item.external_task_id, item.fingerprint, item.request.voice_name, label_of(item.request))
            for item in items
        )
        for item in items:
            self._begin(item)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way in the background."""
        return self._is_pulling or self.in_flight > 0

    def fail(self, failure: BaseException) -> None:
        """End the run with an exception, for example of the iterable that supplies the requests."""
        self._failure = self._failure or failure

    def deliver(self, job: Job, result: Any = None, error: BaseException | None = None) -> None:
        """The result of a step that was started. Does not raise; also allowed after `close`."""
        if self._jobs.get(job.item.external_task_id) is not job:  # abandoned
            return
        self.in_flight -= 1
        try:
            self._advance(job, result, error)
            if self._is_closed:
                self._run.ledger.commit()
        except BaseException as failure:  # noqa: BLE001 - raised by next_action, in the caller's context
            self.fail(failure)
        if self._is_closed:
            self._end_closed()

    def close(self) -> None:
        """Stop. Steps in flight are still delivered and recorded; then the ledger is closed."""
        self._is_closed = True
        self._end_closed()

    def abandon(self) -> None:
        """End `close` without the steps in flight. The next run looks the tasks of such creates up."""
        self.in_flight = 0
        self._end_closed()

    def _end_closed(self) -> None:
        if self.in_flight > 0:
            return
        self._run.stop(ConnectionFailedError("The batch was stopped.", request_sent=False))
        while self._starts:
            self._never_started(self._starts.popleft())
        for job in self._jobs.values():
            job.flow.close()
        self._jobs.clear()
        self._run.ledger.close()

    def _never_started(self, start: Start) -> None:
        """Let a flow record that its create was not sent, if the ledger can still be written."""
        with contextlib.suppress(KlingVoicesError):
            self._advance(start.job, error=TransportFailure("the batch was stopped", request_sent=False))

    def _identified(self, request: VoiceRequest) -> Item | None:
        """The request with its identity; None if it has a result already."""
        if not isinstance(request, VoiceRequest):
            raise InvalidInputError(f"a request is of type {type(request).__name__}; pass VoiceRequest objects")
        if request.voice_file is not None and not self._has_stage:
            raise InvalidInputError(
                f"voice_file {request.voice_file} must be uploaded to an object store; pass stage (--stage)"
            )
        try:
            fingerprint = fingerprint_of(request, source_of(request))
        except InvalidInputError as problem:
            self._finish(VoiceResult(request, "refused", error=problem))
            return None
        gateway_url = self._run.context.endpoint.base_url
        return Item(request, external_task_id_of(request, gateway_url, fingerprint), fingerprint)

    def _begin(self, item: Item) -> None:
        active = self._jobs.get(item.external_task_id)
        if active is None:
            job = self._jobs[item.external_task_id] = Job(item, process(self._run, item))
            self._advance(job)
        elif active.item.fingerprint == item.fingerprint:
            active.followers.append(item.request)
        else:
            self._finish(VoiceResult(item.request, "refused", error=conflict(item)))

    def _advance(self, job: Job, result: Any = None, error: BaseException | None = None) -> None:
        """Run a flow to its next step."""
        try:
            step = job.flow.send(result) if error is None else job.flow.throw(error)
        except StopIteration as end:
            del self._jobs[job.item.external_task_id]
            self._foreign -= job.is_foreign
            for request in (job.item.request, *job.followers):
                self._finish(attrs.evolve(end.value, request=request))
            return
        self._foreign += isinstance(step, WaitForOtherRun) - job.is_foreign
        job.is_foreign = isinstance(step, WaitForOtherRun)
        if isinstance(step, (SendRequest, Prepare, Discard)):
            self._starts.append(Start(job, step))
        elif isinstance(step, AcquireSlot):
            self._waiting.append(job)
        elif isinstance(step, (Sleep, WaitForOtherRun)):
            heapq.heappush(self._timers, (self._now() + step.seconds, next(self._numbers), job))

    def _finish(self, result: VoiceResult) -> None:
        self._counts[result.state] += 1
        self._results.append(result)

    def _wake_and_grant(self) -> None:
        """Advance every flow whose time has come, and those for which there is a slot."""
        now = self._now()
        if now >= self._next_renewal:
            self._next_renewal = now + RENEWAL
            self._reported = None  # a sign of life for the caller, too
            if self._run.limiter.running:
                self._run.ledger.renew()
        while self._timers and self._timers[0][0] <= now:
            self._advance(heapq.heappop(self._timers)[2])
        while self._waiting and not self._run.may_send:
            self._advance(self._waiting.popleft())
        while self._waiting and self._run.may_send and self._run.limiter.has_room and now >= self._run.resume_at:
            job = self._waiting.popleft()
            self._advance(job, self._run.take_slot())

    def _wants_requests(self) -> bool:
        if self._is_exhausted or self._is_pulling:
            return False
        ahead = len(self._jobs) - self._foreign - self._run.limiter.running
        return ahead < _LOOKAHEAD and self._foreign < _MAX_FOREIGN

    def _seconds_to_next(self) -> float | None:
        due = [self._next_renewal] if self._run.limiter.running else []
        if self._timers:
            due.append(self._timers[0][0])
        if self._waiting and self._run.limiter.has_room:
            due.append(self._run.resume_at)
        return max(0.0, min(due) - self._now()) if due else None

    def _report(self) -> None:
        if self._on_progress is None:
            return
        progress = BatchProgress(
            {state: self._counts[state] for state in RESULT_STATES},
            self._run.limiter.running,
            self._run.limiter.limit,
            self._run.sent,
            self._run.limiter.refusals,
        )
        if progress != self._reported:
            self._reported = progress
            self._on_progress(progress)

    def _now(self) -> float:
        return self._run.context.clock.monotonic()
