"""What the mock remembers: tasks, voices and who was charged. Its clock is injected."""

from __future__ import annotations

import itertools
from typing import Any

from attrs import define, field, frozen

from ._presets import described_voice

_FIRST_TASK = 830_000_000_000_000_000  # ids look like Kling's: 18 digits, above 2^53
_FIRST_VOICE = 840_000_000_000_000_000
OWNER = "1000001"


@frozen
class MockTask:
    """A create that was accepted, and so is charged."""

    task_id: str
    voice_id: str
    created_at: float  # seconds since 1970
    body: dict[str, Any]

    @property
    def external_task_id(self) -> str | None:
        """The caller's id, or None."""
        return self.body.get("external_task_id") or None

    @property
    def fails(self) -> bool:
        """Whether no voice can be made of this audio: the mock finds none in what is named `silence`."""
        return "silence" in (self.body.get("voice_url") or self.body.get("video_id") or "")


@frozen
class Callback:
    """A POST to a caller's `callback_url`. The mock only records it; whether gateways call back is unverified (?)."""

    url: str
    task: dict[str, Any]


@define
class State:
    """The memory of one mock gateway.

    Attributes:
        creation_seconds: From the create to the end of the task; a fifth of it the task is only submitted.
        parallel_tasks: How many tasks of the account may run at the same time (V); None for no limit.
        occupied: How many of those places another customer of the account holds.
        tasks: By task id, in order of creation. Each is one charge.
    """

    creation_seconds: float
    parallel_tasks: int | None = None
    occupied: int = 0
    tasks: dict[str, MockTask] = field(factory=dict)
    _by_external_id: dict[str, MockTask] = field(factory=dict)
    _deleted: set[str] = field(factory=set)
    _forgotten: set[str] = field(factory=set)
    _silenced: set[str] = field(factory=set)

    def is_full(self, now: float) -> bool:
        """Whether no further task may start: each holds its place from `submitted` until it has ended (V)."""
        if self.parallel_tasks is None:
            return False
        newest_first = reversed(self.tasks.values())  # all take equally long, so the running ones are the newest
        running = itertools.takewhile(lambda task: now - task.created_at < self.creation_seconds, newest_first)
        return self.occupied + sum(1 for _ in running) >= self.parallel_tasks

    def is_taken(self, body: dict[str, Any]) -> bool:
        """Whether the external id of that create belongs to a task already."""
        return bool(body.get("external_task_id")) and body["external_task_id"] in self._by_external_id

    def accept(self, body: dict[str, Any], now: float) -> MockTask | None:
        """A new task, or None where its external id is taken: the account must have each only once (V)."""
        external_task_id = body.get("external_task_id")
        if external_task_id and external_task_id in self._by_external_id:
            return None
        number = len(self.tasks) + 1
        task = MockTask(str(_FIRST_TASK + number), str(_FIRST_VOICE + number), now, body)
        self.tasks[task.task_id] = task
        if external_task_id:
            self._by_external_id[external_task_id] = task
        return task

    def forget(self, external_task_id: str) -> None:
        """No longer find a task by that id, as a gateway does that asks another upstream account (G)."""
        self._forgotten.add(external_task_id)

    def lose_callback(self, external_task_id: str) -> None:
        """Tell nobody about that task."""
        self._silenced.add(external_task_id)

    def callbacks(self, now: float) -> list[Callback]:
        """What has been called back until now: the task at each state that it has reached."""
        called = []
        for task in self.tasks.values():
            if not task.body.get("callback_url") or task.external_task_id in self._silenced:
                continue
            for share in (0.0, 0.2, 1.0):
                moment = task.created_at + share * self.creation_seconds
                if moment <= now:
                    called.append(Callback(task.body["callback_url"], self.described(task, moment)))
        return called

    def page(self, now: float, number: int, size: int) -> list[dict[str, Any]]:
        """A page of tasks, the newest first."""
        newest = list(reversed(self.tasks.values()))
        return [self.described(task, now) for task in newest[(number - 1) * size : number * size]]

    def delete(self, voice_id: str) -> bool:
        """Delete a voice by its id; False where there is none, or no more."""
        if voice_id in self._deleted or all(task.voice_id != voice_id for task in self.tasks.values()):
            return False
        self._deleted.add(voice_id)
        return True

    def find(self, either_id: str) -> MockTask | None:
        """By task id or external task id (V)."""
        known = None if either_id in self._forgotten else self._by_external_id.get(either_id)
        return self.tasks.get(either_id) or known

    def status(self, task: MockTask, now: float) -> str:
        """Where the task has got to."""
        age = now - task.created_at
        if age >= self.creation_seconds:
            return "failed" if task.fails else "succeed"
        return "processing" if age >= self.creation_seconds / 5 else "submitted"

    def described(self, task: MockTask, now: float) -> dict[str, Any]:
        """The task as "query one" tells it."""
        status = self.status(task, now)
        steps = {"submitted": 0.0, "processing": self.creation_seconds / 5}
        updated_at = task.created_at + steps.get(status, self.creation_seconds)
        described: dict[str, Any] = {
            "task_id": task.task_id,
            "task_status": status,
            "task_status_msg": "no voice was found in the audio" if status == "failed" else "",
            "task_info": {"external_task_id": task.external_task_id or ""},
            "created_at": int(task.created_at * 1000),
            "updated_at": int(updated_at * 1000),
        }
        if status == "succeed":
            alive = task.voice_id not in self._deleted
            voices = [described_voice(task.voice_id, task.body["voice_name"], OWNER)] if alive else []
            described["task_result"] = {"voices": voices}
            described["final_unit_deduction"] = "0.05"
        return described
