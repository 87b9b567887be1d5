"""An asynchronous context manager, such as a server, held open in a thread with its own event loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

T = TypeVar("T")


@contextmanager
def open_in_thread(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enter `manager` in a new thread and exit it at the end; yields what `manager` yields."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(manager) as value:
        yield value
