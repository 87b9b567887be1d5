"""An asynchronous context, such as a server, open in a thread of its own: for who has no event loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

T = TypeVar("T")


@contextmanager
def in_a_thread(opened: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold it open; gives what it gives."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opened) as given:
        yield given
