"""The mock gateway as a foreground program."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from ..errors import InvalidInputError
from ..mock import MockGateway
from ..mock._answering import Dialect
from ..mock._messages import Reply, Request
from ..mock._server import serving
from ._console import print_message


def serve(host: str, port: int, *, api_key: str, dialect: str, creation_seconds: float, log: bool) -> None:
    """Serve until interrupted; raises InvalidInputError where the address cannot be had."""
    gateway = MockGateway(api_key, cast("Dialect", dialect), creation_seconds=creation_seconds)

    def logged(request: Request) -> Reply:
        reply = gateway.reply(request)
        print(f"{request.method} {request.path} {reply.status}", file=sys.stderr)
        return reply

    async def run() -> None:
        async with serving(logged if log else gateway.reply, host, port) as base_url:
            print(base_url, flush=True)
            print_message(f"a mock gateway listens on {base_url} and accepts the key {api_key!r}; Ctrl-C ends it")
            await asyncio.Event().wait()

    try:
        asyncio.run(run())
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no address"
        raise InvalidInputError(f"cannot listen on {host} port {port}: {reason}") from None
