"""The state of the mock gateway: tasks, deleted results and occupied places. It has no clock of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from attrs import define, field

from .._faults import Fault
from .task import MockTask

_FIRST_TASK = 830_000_000_000_000_000  # ids look like Kling's: 18 digits, above 2^53
_FIRST_RESULT = 840_000_000_000_000_000
# From the create to `processing` and to the end, as shares of `creation_seconds`.
PROCESSING, ENDED = 0.2, 1.0

Status: TypeAlias = Literal["submitted", "processing", "succeed", "failed"]


@define
class Ledger:
    """The state of one mock gateway.

    Attributes:
        creation_seconds: From the create to the end of the task. For a fifth of it the task is only submitted.
        parallel_tasks: Maximum number of tasks of the account that run at the same time (V); None for no limit.
        occupied: The number of those places that another customer of the account uses.
        tasks: By task id. Each is one charge.
        accepted: The same tasks, in order of creation.
    """

    creation_seconds: float
    parallel_tasks: int | None = None
    occupied: int = 0
    tasks: dict[str, MockTask] = field(factory=dict)
    accepted: list[MockTask] = field(factory=list)
    _by_external_id: dict[str, MockTask] = field(factory=dict)
    _by_result_id: dict[str, MockTask] = field(factory=dict)
    _by_operation: dict[str, list[MockTask]] = field(factory=dict)
    _deleted: set[str] = field(factory=set)

    def running(self, now: float) -> int:
        """The number of occupied places. A task uses its place from `submitted` until it has ended (V)."""
        newest_first = reversed(self.accepted)  # all take equally long, so the running ones are the newest
        return self.occupied + sum(
            1 for _ in itertools.takewhile(lambda task: not self.has_ended(task, now), newest_first)
        )

    def is_full(self, now: float) -> bool:
        """Whether no further task may start."""
        return self.parallel_tasks is not None and self.running(now) >= self.parallel_tasks

    def is_taken(self, external_task_id: Any) -> bool:
        """Whether a task has that external id. An account can use each only once, for all kinds of tasks (V)."""
        return isinstance(external_task_id, str) and external_task_id in self._by_external_id

    def accept(self, operation: str, body: dict[str, Any], now: float, fault: Fault | None = None) -> MockTask:
        """Add a task. Whether its external id is free is asked before."""
        number = len(self.tasks) + 1
        task = MockTask(str(_FIRST_TASK + number), str(_FIRST_RESULT + number), now, body, operation, fault)
        self.tasks[task.task_id] = task
        self.accepted.append(task)
        self._by_result_id[task.result_id] = task
        self._by_operation.setdefault(operation, []).append(task)
        if task.external_task_id:
            self._by_external_id[task.external_task_id] = task
        return task

    def find(self, operation: str, either_id: str) -> MockTask | None:
        """A task of one kind, by task id or external task id (V).

        A task with the fault `forget` is not found by its external id, like on a gateway that queries another Kling
        account (G).
        """
        task = self.tasks.get(either_id)
        if task is None:
            task = self._by_external_id.get(either_id)
            if task is not None and task.has_fault("forget"):
                return None
        return task if task is not None and task.operation == operation else None

    def page(self, operation: str, number: int, size: int) -> Iterator[MockTask]:
        """A page of the tasks of one kind, the newest first."""
        newest_first = reversed(self._by_operation.get(operation, ()))
        return itertools.islice(newest_first, (number - 1) * size, number * size)

    def delete(self, result_id: str) -> bool:
        """Delete a result by its id; False if it does not exist, or no longer."""
        if result_id in self._deleted or result_id not in self._by_result_id:
            return False
        self._deleted.add(result_id)
        return True

    def is_deleted(self, task: MockTask) -> bool:
        """Whether the result of that task was deleted."""
        return task.result_id in self._deleted

    def moment(self, task: MockTask, share: float) -> float:
        """When that share of its creation has passed, in seconds since 1970. Statuses and callbacks both use it."""
        return task.created_at + share * self.creation_seconds

    def has_ended(self, task: MockTask, now: float) -> bool:
        """Whether the task has succeeded or failed."""
        return now >= self.moment(task, ENDED)

    def status(self, task: MockTask, now: float) -> Status:
        """The status of the task, in the words of Kling's older envelope (V)."""
        if self.has_ended(task, now):
            return "failed" if task.fails else "succeed"
        return "processing" if now >= self.moment(task, PROCESSING) else "submitted"

    def updated_at(self, task: MockTask, now: float) -> float:
        """When the task reached its status, in seconds since 1970."""
        shares: dict[Status, float] = {"submitted": 0.0, "processing": PROCESSING, "succeed": ENDED, "failed": ENDED}
        return self.moment(task, shares[self.status(task, now)])
