"""The mock gateway as an ASGI 3 app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ._messages import DeliveryFault, Reply, Request


def asgi(reply: Callable[[Request], Reply]) -> Callable[..., Awaitable[None]]:
    """An ASGI app that answers HTTP requests with a function."""

    async def app(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"the mock gateway serves HTTP, not {scope['type']}")
        replied = reply(_request(scope, await _body(receive)))
        if replied.delivery is not DeliveryFault.NONE:  # an app cannot reset a connection; its server answers 500
            raise ConnectionError(f"the reply is not delivered: {replied.delivery.value}")
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in replied.headers]
        headers.append((b"content-length", str(len(replied.body)).encode()))
        await send({"type": "http.response.start", "status": replied.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else replied.body
        await send({"type": "http.response.body", "body": body})

    return app


def _request(scope: dict[str, Any], body: bytes) -> Request:
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        scope["method"],
        raw_path.partition(b"?")[0].decode("latin-1"),
        scope.get("query_string", b"").decode("latin-1"),
        [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]],
        body,
    )


async def _body(receive: Callable[[], Awaitable[dict[str, Any]]]) -> bytes:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _lifespan(
    receive: Callable[[], Awaitable[dict[str, Any]]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
