"""The callbacks of a task, and their times: one for each status that it reaches, changed by the fault of its create."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from .ledger import ENDED, PROCESSING, Ledger
from .task import MockTask


@frozen
class Notice:
    """A callback that is planned.

    Attributes:
        id: Its `webhook-id`.
        due: When it is sent, in seconds since 1970.
        moment: The time at which its body describes the task.
        is_forged: Whether it claims a success that did not happen.
    """

    id: str
    due: float
    moment: float
    is_forged: bool = False


def notices(task: MockTask, ledger: Ledger) -> list[Notice]:
    """All callbacks of a task, in the order in which they are sent. None without a `callback_url`."""
    if task.callback_url is None or task.has_fault("lose_callback"):
        return []
    shares = {"submitted": 0.0, "processing": PROCESSING, "ended": ENDED}
    moments = {name: ledger.moment(task, share) for name, share in shares.items()}
    submitted, processing, ended = (
        Notice(f"msg_{task.task_id}_{name}", moment, moment) for name, moment in moments.items()
    )
    planned = [submitted, processing, ended]
    if task.has_fault("reorder_callbacks"):
        planned = [submitted, ended, evolve(processing, due=ended.due)]
    return list(_changed(task, planned))


def _changed(task: MockTask, planned: list[Notice]) -> Iterator[Notice]:
    if task.has_fault("forge_callback"):
        yield Notice(f"msg_{task.task_id}_forged", planned[0].due, planned[0].moment, is_forged=True)
    for notice in planned:
        if task.has_fault("late_callback") and task.fault is not None:
            yield evolve(notice, due=notice.due + task.fault.seconds)
        else:
            yield notice
        if task.has_fault("duplicate_callback"):
            yield notice
