"""Helpers for ASGI: the path without the prefix of a mount, the body up to a limit, and a short response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, TypeAlias

import anyio

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, status: HTTPStatus, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Disconnected(Exception):
    """The sender closed the connection before the end of the body."""


def path_within_mount(scope: Scope) -> str:
    """The path below the prefix at which the app is mounted. Servers differ in whether the path includes it."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "").rstrip("/")
    if prefix and path.startswith(f"{prefix}/"):
        return path.removeprefix(prefix)
    return path


async def read_body(scope: Scope, receive: Receive, *, limit: int, seconds: float) -> bytes:
    """The body of a request.

    Raises:
        Refused: The body is longer than `limit` bytes, or has not arrived within `seconds`.
        Disconnected: The sender closed the connection.
    """
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    too_long = Refused(status, f"the body is longer than {limit} bytes", connection="close")
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit() and int(value[:20]) > limit:
            raise too_long
    body = bytearray()
    try:
        with anyio.fail_after(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                body += message.get("body", b"")
                if len(body) > limit:
                    raise too_long
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time", connection="close") from None


async def respond(send: Send, status: HTTPStatus, message: str, headers: dict[str, str] | None = None) -> None:
    """Send a response with one line of text."""
    body = f"{message}\n".encode()
    fields = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **(headers or {})}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def serve_lifespan(receive: Receive, send: Send, running: AbstractAsyncContextManager[None]) -> None:
    """Hold `running` open from the startup of the server to its shutdown."""
    await receive()
    try:
        async with running:
            await send({"type": "lifespan.startup.complete"})
            await receive()
    except Exception as error:
        await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.shutdown.complete"})
