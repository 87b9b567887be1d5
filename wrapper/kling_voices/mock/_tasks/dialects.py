"""The dialects: the forms of a gateway's responses."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from ...errors import InvalidInputError
from ...models import SUCCESS_STATUSES
from . import views
from .views import Form

Dialect: TypeAlias = Literal["kling", "documented", "kling-v2"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

# The words for success in Kling's two envelopes (V) and on similar gateways (G).
SUCCESS_WORDS = ("succeed", "succeeded", "success", "completed", "SUCCESS")
_ECHOED = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")


@frozen
class Forms:
    """How the responses of one gateway are written.

    Attributes:
        dialect: See `MockGateway`.
        success_status: The word for success in place of the envelope's own, or None.
    """

    dialect: Dialect
    success_status: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise InvalidInputError(f"dialect is {self.dialect!r}; pass one of {', '.join(map(repr, DIALECTS))}")
        if self.success_status is not None and self.success_status.casefold() not in SUCCESS_STATUSES:
            words = ", ".join(map(repr, SUCCESS_WORDS))
            raise InvalidInputError(f"success_status is {self.success_status!r}; pass one of {words}")

    @property
    def is_newer(self) -> bool:
        """Whether every operation uses Kling's newer envelope, independent of the contract."""
        return self.dialect == "kling-v2"

    @property
    def echoes(self) -> bool:
        """Whether the create of a voice is answered with an echo of the request (S)."""
        return self.dialect == "documented"

    def described(self, *, is_newer: bool) -> Form:
        """The form of a task in the response of a query; `is_newer`: whether the contract has the newer envelope."""
        return views.newer if is_newer or self.is_newer else views.described

    def created(self, *, is_newer: bool) -> Form:
        """The form of a task in the response of a create; `is_newer` as for `described`."""
        return views.newer if is_newer or self.is_newer else views.created

    def deletion(self, voice_id: str) -> dict[str, Any]:
        """The data of the response of a deletion."""
        if self.is_newer:
            return {"id": voice_id, "status": "succeeded"}
        return {"task_id": voice_id, "task_status": "succeed"}

    def with_status_word(self, content: Any) -> Any:
        """The content with the configured word for success. The contract may not know the word; a client must."""
        if self.success_status is None or not isinstance(content, dict):
            return content
        data = content.get("data")
        if isinstance(data, list):
            return {**content, "data": [self.reworded(task) for task in data]}
        return {**content, "data": self.reworded(data)}

    def reworded(self, task: Any) -> Any:
        """The task object with the configured word for success."""
        if self.success_status is None or not isinstance(task, dict):
            return task
        names = [name for name in ("task_status", "status") if task.get(name) in {"succeed", "succeeded"}]
        return {**task, **dict.fromkeys(names, self.success_status)}


def echo(body: dict[str, Any]) -> dict[str, Any]:
    """The echo of the supplied example: the fields of the request, empty where absent (S)."""
    return {name: body.get(name, "") for name in _ECHOED}
