"""The queue of received callbacks, and the protocol of a store: no callback is lost or handled twice."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, TypeAlias

from attrs import frozen

from ._read import Callback

AddResult: TypeAlias = Literal["added", "duplicate", "full"]

_ID_PREFIX = "id:"


@frozen
class QueuedCallback:
    """A callback that was received.

    Attributes:
        key: Equal for duplicates: the `webhook-id`, else the task and the status.
        task_id: The id by which the gateway is queried: the task id, else the external task id.
        status: The status that the callback states; None if it states none.
        attempts: How many times handling it has failed.
        failure: Why it failed the last time; None if it has not failed.
    """

    key: str
    task_id: str
    status: str | None = None
    attempts: int = 0
    failure: str | None = None

    @classmethod
    def from_callback(cls, callback: Callback) -> QueuedCallback:
        """The entry of the queue for a callback."""
        task_id = callback.task.query_id or ""
        status = callback.task.status
        key = f"{_ID_PREFIX}{callback.id}" if callback.id else f"task:{task_id}:{status or ''}"
        return cls(key, task_id, status)

    @property
    def has_own_id(self) -> bool:
        """Whether the key is the `webhook-id`."""
        return self.key.startswith(_ID_PREFIX)


class Claim(NamedTuple):
    """The result of an attempt to claim a callback. With neither a callback nor a wait, there is nothing left to do.

    Attributes:
        callback: The callback, which is now claimed; None if it is not available.
        wait: Seconds until the claim of another process ends.
    """

    callback: QueuedCallback | None = None
    wait: float = 0.0


class CallbackStore(Protocol):
    """The interface of a store: a queue of callbacks that also recognizes duplicates.

    `SQLiteStore` implements it. Implement it yourself to use your own database. All methods may be called from several
    threads. Times are seconds since 1970.
    """

    def add(self, callback: QueuedCallback, *, limit: int, now: float) -> AddResult:
        """Queue a callback durably, unless its key is known, or `limit` callbacks are queued already."""

    def claim(self, key: str, *, now: float, lease: float) -> Claim:
        """Reserve a queued callback for this process, for `lease` seconds at most, in case the process ends."""

    def release(self, callback: QueuedCallback) -> None:
        """End a claim without success, and save the attempts and the failure of `callback`."""

    def finish(self, key: str, *, remember: bool) -> None:
        """End a claim with success. With `remember`, later callbacks with the same key are duplicates."""

    def fail(self, callback: QueuedCallback) -> None:
        """End a claim for good after too many attempts, and keep the callback among the failed ones."""

    def queued(self) -> tuple[str, ...]:
        """The keys of the queued callbacks, claimed or not, oldest first."""

    def failed(self) -> tuple[QueuedCallback, ...]:
        """The callbacks that failed for good, oldest first."""

    def retry_failed(self) -> tuple[str, ...]:
        """Queue the failed callbacks again, with no attempts made, and return their keys."""

    def was_passed_on(self, state: str) -> bool:
        """Whether `mark_passed_on` was called with this state of a task."""

    def mark_passed_on(self, state: str, *, now: float) -> None:
        """Record that this state of a task was passed to the handler."""

    def close(self) -> None:
        """Close the store. The app does this only for a store that it created itself."""
