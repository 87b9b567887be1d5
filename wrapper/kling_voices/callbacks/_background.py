"""Background tasks of the event loop that a request runs on, with or without the lifespan events of a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import RunVar


class Background:
    """A task group for each event loop: that of `running()`, or one that is opened when it is first needed.

    A mounted app gets no lifespan events, and some test clients run each request on a new event loop.
    """

    def __init__(self) -> None:
        self._group: RunVar[TaskGroup | None] = RunVar("kling_voices.callbacks", None)
        self._detached: set[asyncio.Task[None]] = set()  # an event loop keeps only weak references

    @property
    def is_open(self) -> bool:
        """Whether this event loop has a task group."""
        return self._group.get() is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[TaskGroup]:
        """A task group for this event loop; its tasks are cancelled at the end."""
        failure = None
        async with anyio.create_task_group() as group:
            self._group.set(group)
            try:
                yield group
            except Exception as error:  # noqa: BLE001 - raised below, as it is: the group would wrap it in another
                failure = error
            finally:
                self._group.set(None)
                group.cancel_scope.cancel()
        if failure:
            raise failure

    async def start_soon(self, function: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        """Run `function` in the background. It must not raise an exception."""
        group = self._group.get() or await self._open_detached()
        group.start_soon(function, *arguments)

    async def _open_detached(self) -> TaskGroup:
        opened: list[TaskGroup] = []
        is_ready = anyio.Event()

        async def hold() -> None:
            async with self.running() as group:
                opened.append(group)
                is_ready.set()
                await anyio.sleep_forever()

        self._spawn(hold)
        await is_ready.wait()
        return self._group.get() or opened[0]

    def _spawn(self, function: Callable[[], Any]) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            import trio  # noqa: PLC0415 - only present where it is running

            trio.lowlevel.spawn_system_task(function)
            return
        task = loop.create_task(function())
        self._detached.add(task)
        task.add_done_callback(self._detached.discard)
