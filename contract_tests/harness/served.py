"""The mock gateway on a real socket, in a thread of its own."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager

from kling_voices._clock import SystemClock
from kling_voices.mock import MockGateway
from kling_voices.mock._server import serving

from .threads import in_a_thread


class ImpatientClock(SystemClock):
    """Real time, for real sockets; but nobody rests."""

    def sleep(self, seconds: float) -> None:
        """Go on at once."""

    async def asleep(self, seconds: float) -> None:  # noqa: ARG002 - the protocol's name
        """Let other tasks run."""
        await asyncio.sleep(0)


def served(gateway: MockGateway) -> AbstractContextManager[str]:
    """Serve the gateway on loopback; gives its base URL."""
    return in_a_thread(serving(gateway.reply, "127.0.0.1", 0))
