"""As many exchanges at a time as there are connections: who waits for one is not yet in its time."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


class Turns:
    """Turns for the tasks of one event loop; in another, such as that of a second `asyncio.run`, they begin anew."""

    def __init__(self, number: int | None) -> None:
        self._number = number  # None: nobody waits
        self._loop: asyncio.AbstractEventLoop | None = None

    def of_this_loop(self) -> AbstractAsyncContextManager[None]:
        """A turn, to be held while the context is open."""
        if self._number is None:
            return nullcontext()
        import asyncio  # noqa: PLC0415 - only who awaits needs it, and has imported it

        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._free = loop, asyncio.Semaphore(self._number)
        return self._free
