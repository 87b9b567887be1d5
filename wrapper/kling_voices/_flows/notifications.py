"""Early polls: after a callback in this process, each `wait` for its task polls immediately."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakSet

from attrs import define, field

from .steps import Flow, Sleep

if TYPE_CHECKING:
    from ..clock import Clock
    from ..models import VoiceTask

SLICE = 0.1  # seconds; how often a sleeping wait looks for a notification


@define(eq=False)
class Listener:
    """One wait: the ids of its task, and whether there was a notification since the last poll began."""

    ids: frozenset[str] = frozenset()
    is_notified: bool = False

    def begin_poll(self, task: VoiceTask) -> None:
        """Forget earlier notifications, because the poll that begins now sees what they were about."""
        self.ids, self.is_notified = _ids(task), False


@define(eq=False)
class TaskNotifier:
    """The waits of this process, and the receivers of callbacks that may wake them. Safe to use from several threads.

    A notification does nothing but shorten a sleep, so it cannot end a wait with a wrong result.
    """

    _listeners: set[Listener] = field(factory=set)
    _sources: WeakSet[object] = field(factory=WeakSet)
    _lock: threading.Lock = field(factory=threading.Lock)

    def add_source(self, source: object) -> None:
        """Register a receiver of callbacks. While none exists, waits sleep without interruption."""
        with self._lock:
            self._sources.add(source)

    def notify(self, task: VoiceTask) -> None:
        """Wake all waits of this task."""
        ids = _ids(task)
        with self._lock:
            for listener in self._listeners:
                listener.is_notified = listener.is_notified or not ids.isdisjoint(listener.ids)

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """A listener for the time of one wait."""
        listener = Listener()
        with self._lock:
            self._listeners.add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def sleep(self, listener: Listener, task: VoiceTask, clock: Clock, seconds: float) -> Flow[None]:
        """Sleep, but not longer than until there is a notification of `task`."""
        listener.ids = _ids(task)  # the response may contain another id
        if not self._sources:
            yield Sleep(seconds)
            return
        end = clock.monotonic() + seconds
        while not listener.is_notified and (left := end - clock.monotonic()) > 0:
            yield Sleep(min(SLICE, left))


def _ids(task: VoiceTask) -> frozenset[str]:
    return frozenset(value for value in (task.task_id, task.external_task_id) if value)


notifier = TaskNotifier()  # of this process: a callback may wake a wait of any client
