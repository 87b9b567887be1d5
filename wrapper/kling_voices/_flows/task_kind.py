"""One kind of task: how its tasks are queried, and which calls the error messages recommend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from .._protocol.requests import get_task_request


@frozen
class TaskKind:
    """The differences between kinds of tasks; everything else about creating and waiting is the same.

    Attributes:
        query_request: Builds the request that queries one task, by task id or external task id.
        lookup_call: The Python call that looks a task up, as text, such as `recover('order-1')`.
        wait_call: The Python call that waits for a task, as text, such as `wait('123')`.
        failure: The first words of the message if a task has failed.
    """

    query_request: Callable[[str], dict[str, Any]]
    lookup_call: Callable[[str], str]
    wait_call: Callable[[str], str]
    failure: str


VOICES = TaskKind(
    query_request=get_task_request,
    lookup_call=lambda external_task_id: f"recover({external_task_id!r})",
    wait_call=lambda task_id: f"wait({task_id!r})",
    failure="The voice could not be created",
)
