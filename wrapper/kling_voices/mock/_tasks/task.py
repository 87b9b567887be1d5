"""A task, and the callbacks about it."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from .._faults import Fault


@frozen
class MockTask:
    """A create that was accepted, and therefore charged.

    Attributes:
        task_id: 18 digits, as Kling's (V).
        result_id: The id of the voice, or of the result of another kind of task.
        created_at: Seconds since 1970.
        body: The body of the create.
        operation: The operationId of the create.
        fault: The fault that happened to the create, or None.
    """

    task_id: str
    result_id: str
    created_at: float
    body: dict[str, Any]
    operation: str = "create_custom_voice"
    fault: Fault | None = None

    @property
    def voice_id(self) -> str:
        """The id of the voice that the task creates."""
        return self.result_id

    @property
    def external_task_id(self) -> str | None:
        """The caller's id, or None. An empty text means absent (T)."""
        given = self.body.get("external_task_id")
        return given if isinstance(given, str) and given else None

    @property
    def callback_url(self) -> str | None:
        """Where callbacks are sent, or None."""
        given = self.body.get("callback_url")
        return given if isinstance(given, str) and given else None

    @property
    def fails(self) -> bool:
        """Whether the task fails: by the fault `fail_task`, or because its audio is named `silence`."""
        audio = self.body.get("voice_url") or self.body.get("video_id")
        return self.has_fault("fail_task") or (isinstance(audio, str) and "silence" in audio)

    def has_fault(self, kind: str) -> bool:
        """Whether this kind of fault happened to the create."""
        return self.fault is not None and self.fault.kind == kind


@frozen
class Callback:
    """A POST to the `callback_url` of a task. Whether gateways send callbacks for voices is unverified (?).

    Attributes:
        url: The `callback_url` of the create.
        task: The body: the task object of the mock's dialect.
        id: The `webhook-id` of a signed callback. A duplicate has the same id.
        due: When it is sent, in seconds since 1970.
        is_forged: Whether it is a forgery, signed with another secret.
    """

    url: str
    task: dict[str, Any] = field(repr=False)
    id: str = ""
    due: float = 0.0
    is_forged: bool = False
