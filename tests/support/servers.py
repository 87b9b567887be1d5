"""A mock gateway, or any function from request to reply, on a loopback socket."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import anyio.lowlevel
from kling_voices.clock import SystemClock
from kling_voices.mock import MockGateway
from kling_voices.mock._messages import Reply, Request
from kling_voices.mock._server import serving

from .threads import open_in_thread


class NoSleepClock(SystemClock):
    """The system's time, as real sockets need it, but without any sleeping."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""

    async def async_sleep(self, seconds: float) -> None:  # noqa: ARG002 - the protocol's name
        """Let other tasks run."""
        await anyio.lowlevel.checkpoint()


def serve(gateway: MockGateway) -> AbstractContextManager[str]:
    """Serve a mock gateway; yields its base URL."""
    return serve_replies(gateway.reply)


def serve_replies(reply: Callable[[Request], Reply]) -> AbstractContextManager[str]:
    """Serve the replies of a function on a free port, in a thread; yields the base URL."""
    return open_in_thread(serving(reply, "127.0.0.1", 0))
