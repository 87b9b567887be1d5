"""Serving a mock gateway: its replies, the page `/_mock/`, and callbacks when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ..errors import InvalidInputError
from ._callbacks import Outbox, send_callbacks
from ._core import Core
from ._messages import Reply, Request
from ._server import serving
from ._ui.routes import PREFIX, UserInterface

if TYPE_CHECKING:
    from ._gateway import MockGateway


@asynccontextmanager
async def serve_gateway(
    gateway: MockGateway, core: Core, host: str, port: int, *, secret: str | None, allow_remote_callbacks: bool
) -> AsyncIterator[str]:
    """See `MockGateway.serve`."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def listener() -> None:  # a request in process can come from any thread
        loop.call_soon_threadsafe(changed.set)

    outbox = Outbox(core.service, core.now)
    async with send_callbacks(outbox, changed, secret=secret, allow_remote=allow_remote_callbacks) as deliveries:
        interface = UserInterface(gateway, core, deliveries, [core.account.api_key, secret or ""])

        def reply(request: Request) -> Reply:
            if request.path.startswith(PREFIX):
                return interface.reply(request)
            try:
                return gateway.reply(request)
            except InvalidInputError as error:  # the contract has a mistake that shows only now
                return Reply.json(500, {"code": 5000, "message": str(error), "request_id": ""})

        core.listeners.append(listener)
        try:
            async with serving(reply, host, port) as base_url:
                yield base_url
        finally:
            core.listeners.remove(listener)
