"""The mock gateway as a program in the foreground."""

from __future__ import annotations

import asyncio
import sys

from ..errors import InvalidInputError
from ..mock import MockGateway
from ._console import print_message, print_result


def serve(gateway: MockGateway, host: str, port: int, *, api_key: str, log: bool, allow_remote_callbacks: bool) -> None:
    """Serve until interrupted. Raises InvalidInputError if the address cannot be used."""

    async def run() -> None:
        async with gateway.serve(host, port, allow_remote_callbacks=allow_remote_callbacks) as base_url:
            print_result(base_url)
            print_message(
                f"the mock gateway listens on {base_url} and accepts the key {api_key!r}; press Ctrl-C to stop it"
            )
            print_message(f"open {base_url}/_mock/ to see tasks, charges and requests")
            if log:
                gateway.on_exchange(
                    lambda exchange: print(
                        f"{exchange.request.method} {exchange.request.path} {exchange.reply.status}", file=sys.stderr
                    )
                )
            await asyncio.Event().wait()

    try:
        asyncio.run(run())
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not an IP address of this machine"
        raise InvalidInputError(f"cannot listen on {host} port {port}: {reason}") from None
