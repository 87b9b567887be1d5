"""The mock gateway on a real socket, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kling_voices._clock import SystemClock
from kling_voices.mock import MockGateway
from kling_voices.mock._server import serving


class ImpatientClock(SystemClock):
    """Real time, for real sockets; but nobody rests."""

    def sleep(self, seconds: float) -> None:
        """Go on at once."""

    async def asleep(self, seconds: float) -> None:  # noqa: ARG002 - the protocol's name
        """Let other tasks run."""
        await asyncio.sleep(0)


@contextmanager
def served(gateway: MockGateway) -> Iterator[str]:
    """Serve the gateway on loopback; gives its base URL."""
    ready: threading.Event = threading.Event()
    stop = asyncio.Event()
    told: dict[str, str] = {}
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with serving(gateway.reply, "127.0.0.1", 0) as base_url:
            told["base_url"] = base_url
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    try:
        if not ready.wait(5):
            raise RuntimeError("the mock gateway did not come up")
        yield told["base_url"]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()
