"""The flow of one request of a batch, from its state in the ledger to its result."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import frozen

from .._flows import retry
from .._flows.create_voice import create_request
from .._flows.get_task import recover
from .._flows.paid_create import send_create
from .._flows.steps import Sleep
from .._flows.task_kind import VOICES
from .._flows.wait import poll
from .._protocol.tasks import parse_task
from ..errors import (
    APIError,
    InvalidInputError,
    KlingVoicesError,
    NotFoundError,
    OutcomeUnknownError,
    VoiceCreationFailedError,
    WaitTimeoutError,
)
from ..models import VoiceTask
from .ledger import Entry, is_final
from .models import ResultState, VoiceRequest, VoiceResult
from .run import Run, is_slot_refusal, stops_the_run
from .steps import AcquireSlot, BulkFlow, Discard, Prepare, WaitForOtherRun
from .transitions import HELD, State

_OTHER_RUN_DELAY = 2.0  # seconds between looks at a request on which another run works


@frozen
class Item:
    """A request and its identity."""

    request: VoiceRequest
    external_task_id: str
    fingerprint: str

    def result(self, entry: Entry) -> VoiceResult:
        """The result that the ledger has."""
        state = entry.state
        if state in ("succeeded", "failed", "refused", "unknown"):
            return VoiceResult(self.request, state, entry.task, entry.error)
        raise AssertionError(f"{state} is not a result")


def process(run: Run, item: Item) -> BulkFlow[VoiceResult]:
    """Bring one request to its result."""
    while True:
        entry = run.ledger.get(item.external_task_id)
        if entry.fingerprint != item.fingerprint:
            return VoiceResult(item.request, "refused", error=conflict(item))
        if run.ledger.is_held_by_another(entry) or (entry.state in HELD and not run.ledger.take_over(entry)):
            yield WaitForOtherRun(_OTHER_RUN_DELAY)
            continue
        if is_final(entry) and not (entry.state == "refused" and run.retry_refused):
            return item.result(entry)
        result = yield from _continue(run, item, entry)
        if result is not None:
            return result


def _continue(run: Run, item: Item, entry: Entry) -> BulkFlow[VoiceResult | None]:
    """Go on from the state of `entry`. None if another run was faster."""
    if entry.state == "accepted":
        return (yield from _adopt(run, item, entry.task))
    if entry.state in ("intended", "unknown"):
        try:
            task = yield from recover(run.context, item.external_task_id)
        except KlingVoicesError as failure:
            if stops_the_run(failure):
                run.stop(failure)
            return _unknown(run, item, failure)
        if task is not None:
            run.ledger.advance(item.external_task_id, "accepted", task=task)
            return (yield from _adopt(run, item, task))
        if not run.resend_unknown:
            return _unknown(run, item, None)
        run.ledger.advance(item.external_task_id, "unknown")
        return (yield from _create(run, item, unsent="unknown"))
    if entry.state == "refused":
        run.ledger.advance(item.external_task_id, "planned")
    return (yield from _create(run, item, unsent="planned"))


def _create(run: Run, item: Item, *, unsent: State) -> BulkFlow[VoiceResult | None]:
    """Prepare and send. `unsent` is the state to return to if the create was certainly not accepted."""
    if not run.may_send:
        return _skipped(run, item)
    if item.request.voice_file is None:
        return (yield from _create_from(run, item, item.request.voice_url, unsent))
    try:
        staged_url: str = yield Prepare(item.request.voice_file)
    except InvalidInputError as problem:
        return _refused(run, item, problem)
    except KlingVoicesError as failure:  # the object store cannot be reached: nothing was sent
        run.stop(failure)
        return _skipped(run, item)
    is_needed = True  # also if this flow is closed while its task runs
    try:
        result = yield from _create_from(run, item, staged_url, unsent)
        is_needed = result is None or result.state == "unknown"
        if not is_needed:
            yield Discard(staged_url)
        return result
    finally:
        if is_needed:
            run.release_upload(staged_url)


def _create_from(run: Run, item: Item, voice_url: str | None, unsent: State) -> BulkFlow[VoiceResult | None]:
    """Wait for a slot and send, until the slot is not refused."""
    request = create_request(
        item.request.voice_name,
        voice_url=voice_url,
        video_id=item.request.video_id,
        callback_url=item.request.callback_url,
        external_task_id=item.external_task_id,
        extra_body=item.request.extra_body,
    )
    while True:
        generation = yield AcquireSlot()
        if generation is None:
            return _skipped(run, item)
        is_refused, result = yield from _send(run, item, request, unsent, generation)
        if not is_refused:
            return result


def _send(
    run: Run, item: Item, request: dict[str, Any], unsent: State, generation: int
) -> BulkFlow[tuple[bool, VoiceResult | None]]:
    """Send a create, and use the slot until its task has finished. Returns whether it was refused, and the result."""
    release: Callable[[], None] | None = run.limiter.failed
    # Only this request can have used a derived id, or an id that the ledger may have sent before.
    owns_id = item.request.external_task_id is None or unsent == "unknown"
    parse_data = partial(parse_task, sent=request["json"])
    try:
        if not run.ledger.advance(item.external_task_id, "intended"):
            run.not_created()
            return False, None
        try:
            task = yield from send_create(
                run.context, request, parse_data, VOICES, owns_id=owns_id, is_retryable=partial(_is_retryable, run)
            )
        except KlingVoicesError as failure:
            if not is_slot_refusal(failure):
                return False, _create_failed(run, item, failure, unsent)
            release = None
            run.slot_refused(generation, failure)
            run.ledger.advance(item.external_task_id, unsent)
            return True, None
        run.accepted(generation)
        release = run.task_finished
        run.ledger.advance(item.external_task_id, "accepted", task=task)
        return False, (yield from _wait(run, item, task, first_delay=run.pace.first_delay()))
    finally:
        if release is not None:
            release()


def _is_retryable(run: Run, failure: KlingVoicesError) -> bool:
    """A refused slot is not retried within the create: the limiter decides when it is sent again."""
    return run.stop_reason is None and retry.is_write_retryable(failure) and not is_slot_refusal(failure)


def _create_failed(run: Run, item: Item, failure: KlingVoicesError, unsent: State) -> VoiceResult:
    if failure.outcome == "unknown":
        failure.advice = "Run the batch again: it looks the task up before it sends anything."
        run.outcome_unknown(failure)
        run.ledger.advance(item.external_task_id, "unknown", error=failure)
        return VoiceResult(item.request, "unknown", error=failure)
    run.not_created()
    if stops_the_run(failure):
        run.stop(failure)
        run.ledger.advance(item.external_task_id, unsent)
        state: ResultState = "refused" if isinstance(failure, APIError) else "skipped"
        return VoiceResult(item.request, state, error=failure)
    return _refused(run, item, failure)


def _adopt(run: Run, item: Item, task: VoiceTask | None) -> BulkFlow[VoiceResult]:
    """Wait for a task that was created by an earlier run; it uses a slot, too."""
    run.limiter.adopt()
    try:
        task = task or VoiceTask(external_task_id=item.external_task_id)
        return (yield from _wait(run, item, task, first_delay=None))
    finally:
        run.task_finished()


def _wait(run: Run, item: Item, task: VoiceTask, *, first_delay: float | None) -> BulkFlow[VoiceResult]:
    """Poll until the task has finished. `first_delay` is None for a task whose age is unknown."""
    clock = run.context.clock
    start = clock.monotonic()
    if first_delay is not None and not (task.succeeded or task.failed):
        yield Sleep(min(first_delay, run.timeout))
    try:
        time_left = max(0.0, run.timeout - (clock.monotonic() - start))
        delays = run.pace.delays(lambda: clock.monotonic() - start)
        task = yield from poll(
            run.context, task, VOICES, timeout=time_left, on_update=None, is_confirmed=True, poll_delay=delays
        )
    except VoiceCreationFailedError as failure:
        run.ledger.advance(item.external_task_id, "failed", task=failure.task, error=failure)
        return VoiceResult(item.request, "failed", failure.task, failure)
    except KlingVoicesError as failure:  # the task goes on, and the ledger has it as accepted
        if stops_the_run(failure) and not isinstance(failure, NotFoundError):
            run.stop(failure)
        if isinstance(failure, WaitTimeoutError):
            failure.advice = "Run the batch again to wait longer."
        return VoiceResult(item.request, "unknown", getattr(failure, "task", task), failure)
    if first_delay is not None:
        run.pace.observe(clock.monotonic() - start)
    run.ledger.advance(item.external_task_id, "succeeded", task=task)
    return VoiceResult(item.request, "succeeded", task)


def _unknown(run: Run, item: Item, cause: KlingVoicesError | None) -> VoiceResult:
    """A create that may have been sent by an earlier run, and whose task is not found."""
    not_found = "the gateway does not find its task, which does not prove that nothing was created."
    reason = f"the lookup failed: {cause}" if cause else not_found
    error = OutcomeUnknownError(
        f"The create of {item.request.voice_name!r} may have been accepted in an earlier run; {reason}",
        outcome="unknown",
        external_task_id=item.external_task_id,
        advice="Run the batch again later, or with resend_unknown (--resend-unknown) to send it again under the same "
        "external id.",
    )
    error.__cause__ = cause
    run.ledger.advance(item.external_task_id, "unknown", error=error)
    return VoiceResult(item.request, "unknown", error=error)


def _refused(run: Run, item: Item, problem: KlingVoicesError) -> VoiceResult:
    run.ledger.advance(item.external_task_id, "refused", error=problem)
    return VoiceResult(item.request, "refused", error=problem)


def _skipped(run: Run, item: Item) -> VoiceResult:
    return VoiceResult(item.request, "skipped", error=run.stop_reason)


def conflict(item: Item) -> InvalidInputError:
    """The error of a request whose external task id belongs to another one."""
    return InvalidInputError(
        f"the external_task_id {item.external_task_id!r} belongs to another request of this ledger; pass another id",
        external_task_id=item.external_task_id,
    )
