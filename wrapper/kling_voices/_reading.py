"""The operations that change nothing, as plans: one task, all tasks, the presets, and looking for a create's task."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from . import _checks, _operations
from ._answers import Success
from ._core import Core
from ._steps import Plan
from ._tasks import query, read_task, read_tasks, read_voices
from .errors import NotFoundError
from .models import Voice, VoiceTask

Item = TypeVar("Item", Voice, VoiceTask)

LAST_PAGE = 1000  # (V)
PAGE_SIZES = range(1, 1001)  # (V)


class Page(NamedTuple, Generic[Item]):
    """What one page brought, and whether it was the last."""

    items: tuple[Item, ...]
    is_last: bool


class Pages(Generic[Item]):
    """All pages of a list, each fetched by a plan of its own when it is wanted.

    Ends with a page that is not full, brings nothing new (a gateway that repeats a page would never end), or is number
    1000 (V). What an earlier page already held, because the list moved meanwhile, is not given twice.
    """

    def __init__(
        self,
        core: Core,
        request: Callable[[int], dict[str, Any]],
        reading: Callable[[Success], tuple[Item, ...]],
        page_size: int,
    ) -> None:
        self._core = core
        self._request = request
        self._reading: Callable[[Success], tuple[Item, ...]] = reading
        self._page_size = page_size
        self._seen: set[str] = set()
        self._number = 0

    def next_page(self) -> Plan[Page[Item]]:
        """Fetch the page after the last one."""
        self._number += 1
        return (yield from self._core.read(self._request(self._number), self._read))

    def _read(self, success: Success) -> Page[Item]:
        items = self._reading(success)
        fresh = tuple(item for item in items if self._is_new(item))
        is_short = len(success.data) < self._page_size
        return Page(fresh, is_short or not fresh or self._number >= LAST_PAGE)

    def _is_new(self, item: Item) -> bool:
        identity = item.task_id if isinstance(item, VoiceTask) else item.voice_id
        key = identity or json.dumps(item.raw, sort_keys=True)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new


def get_task(core: Core, task_id: str) -> Plan[VoiceTask]:
    """The task as it stands now.

    Args:
        task_id: A task id, or the external task id of its create (V).

    Raises:
        InvalidInputError: Before anything is sent.
        NotFoundError: The gateway does not know the task, which does not prove that there is none (G).
        APIError, ConnectionFailedError: After the retries, for whatever else the gateway answers or does not.
    """
    return (yield from core.read(query("task_id", task_id), read_task, querying_one=True))


def recover(core: Core, external_task_id: str) -> Plan[VoiceTask | None]:
    """The task of a create whose answer was lost, by the external task id that every error of a create carries.

    Args:
        external_task_id: The id under which the create was sent.

    Returns:
        The task, or None where the gateway does not know it. None does not prove that nothing was created: a gateway
        can ask another upstream account (G).

    Raises:
        InvalidInputError: Before anything is sent.
        APIError, ConnectionFailedError: After the retries, for whatever else the gateway answers or does not.
    """
    request = query("external_task_id", external_task_id)
    try:
        task = yield from core.read(request, read_task, querying_one=True)
    except NotFoundError:
        return None
    return task if task.external_task_id in (external_task_id, None) else None


def list_tasks(core: Core, *, page_size: int = 30) -> Pages[VoiceTask]:
    """The account's tasks, fetched page by page as they are iterated over.

    Documented by Kling (V), not by the gateways, where one account serves many customers: the list can be partial, or
    show tasks of others (G).

    Args:
        page_size: Tasks a page, 1 to 1000 (V).

    Raises:
        InvalidInputError: At once, before anything is sent.
        APIError, ConnectionFailedError: While iterating, after the retries of a page.
    """
    _checks.check_count("page_size", page_size, PAGE_SIZES)
    return Pages(core, partial(_page, _operations.LIST, page_size), read_tasks, page_size)


def list_presets(core: Core, *, page_size: int = 30) -> Pages[Voice]:
    """The voices that Kling itself offers, fetched page by page as they are iterated over (V).

    Args:
        page_size: Tasks a page, 1 to 1000 (V); each holds the voices of one preset.

    Raises:
        InvalidInputError: At once, before anything is sent.
        APIError, ConnectionFailedError: While iterating, after the retries of a page.
    """
    _checks.check_count("page_size", page_size, PAGE_SIZES)
    return Pages(core, partial(_page, _operations.PRESETS, page_size), read_voices, page_size)


def _page(operation: str, page_size: int, number: int) -> dict[str, Any]:
    return _operations.build(operation, {"page_num": number, "page_size": page_size})
