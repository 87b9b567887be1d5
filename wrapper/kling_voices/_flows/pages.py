"""Lists that are fetched page by page."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from .._protocol.requests import list_presets_request, list_tasks_request
from .._protocol.responses import Success
from .._protocol.tasks import parse_tasks, parse_voices
from ..models import Voice, VoiceTask
from .send import CallContext, send_with_retries
from .steps import Flow
from .validation import validate_count

Item = TypeVar("Item", Voice, VoiceTask)

LAST_PAGE = 1000  # (V)
PAGE_SIZES = range(1, 1001)  # (V)


class Page(NamedTuple, Generic[Item]):
    """One page of a list."""

    items: tuple[Item, ...]
    is_last: bool


class Pages(Generic[Item]):
    """The pages of a list; a flow fetches each one when it is needed.

    The last page is the first one that is not full, that has nothing new (a gateway that repeats a page would never
    end), or that has number 1000 (V). An item of an earlier page is not returned again if the list has moved meanwhile.
    """

    def __init__(
        self,
        context: CallContext,
        page_request: Callable[[int], dict[str, Any]],
        parse_items: Callable[[Success], tuple[Item, ...]],
        page_size: int,
    ) -> None:
        self._context = context
        self._page_request = page_request
        self._parse_items: Callable[[Success], tuple[Item, ...]] = parse_items
        self._page_size = page_size
        self._seen: set[str] = set()
        self._number = 0

    def next_page(self) -> Flow[Page[Item]]:
        """Fetch the next page."""
        self._number += 1
        return (yield from send_with_retries(self._context, self._page_request(self._number), self._parse_page))

    def _parse_page(self, success: Success) -> Page[Item]:
        new_items = tuple(item for item in self._parse_items(success) if self._is_new(item))
        is_short = len(success.data) < self._page_size
        return Page(new_items, is_short or not new_items or self._number >= LAST_PAGE)

    def _is_new(self, item: Item) -> bool:
        identifier = item.task_id if isinstance(item, VoiceTask) else item.voice_id
        key = identifier or json.dumps(item.raw, sort_keys=True)
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new


def list_tasks(context: CallContext, *, page_size: int) -> Pages[VoiceTask]:
    """The pages of the clients' `list_tasks`."""
    validate_count("page_size", page_size, PAGE_SIZES)
    return Pages(context, partial(list_tasks_request, page_size), parse_tasks, page_size)


def list_presets(context: CallContext, *, page_size: int) -> Pages[Voice]:
    """The pages of the clients' `list_presets`."""
    validate_count("page_size", page_size, PAGE_SIZES)
    return Pages(context, partial(list_presets_request, page_size), parse_voices, page_size)
