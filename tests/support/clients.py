"""Every client behind one blocking call, so that one test covers all clients, event loops and transports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import httpx
import trio
from httpx_aiohttp import HttpxAiohttpClient
from hypothesis import settings
from kling_voices import AsyncKlingVoices, KlingVoices
from kling_voices.clock import Clock
from kling_voices.mock import VirtualClock

from .hypothesis_profiles import examples_up_to
from .last_request import last_request
from .relay import RelayTransport

Kind: TypeAlias = Literal["sync", "asyncio", "trio", "aiohttp"]
KINDS: tuple[Kind, ...] = ("sync", "asyncio", "trio", "aiohttp")
# Without sockets, for responses that depend on a virtual clock.
IN_PROCESS: tuple[Kind, ...] = ("sync", "asyncio", "trio")
API_KEY = "key-0123456789"


def examples(kind: Kind, maximum: int = 100) -> settings:
    """The number of examples: fewer for clients that add only an event loop or sockets to the same rules."""
    return examples_up_to(max(1, maximum // {"sync": 1, "asyncio": 2, "trio": 5, "aiohttp": 5}[kind]))


class Caller:
    """Calls the methods of one client."""

    def __init__(
        self, client: KlingVoices | AsyncKlingVoices, run: Callable[[Coroutine[Any, Any, Any]], Any] | None
    ) -> None:
        self.client = client
        self._run = run

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method and return its result; an awaitable is awaited, an iterator is read into a list."""
        result = getattr(self.client, method)(*args, **kwargs)
        if self._run is None:
            return list(result) if hasattr(result, "__next__") else result
        if hasattr(result, "__anext__"):
            return self._run(_as_list(result))
        return self._run(result)


async def _as_list(iterator: Any) -> list[Any]:
    return [item async for item in iterator]


@contextmanager
def open_client(
    kind: Kind,
    handler: Callable[[httpx.Request], httpx.Response],
    *,
    clock: Clock | None = None,
    api_key: str | None = API_KEY,
    gateway: str = "kkiai",
    **options: Any,
) -> Iterator[Caller]:
    """A client whose requests go to `handler`; its clock is virtual unless another is given."""
    clock = clock or VirtualClock()

    def remembering(request: httpx.Request) -> httpx.Response:
        last_request.remember(request)
        return handler(request)

    if kind == "sync":
        with httpx.Client(transport=httpx.MockTransport(remembering)) as http:
            yield Caller(KlingVoices(api_key, gateway=gateway, http_client=http, clock=clock, **options), None)
        return
    async_http = (
        HttpxAiohttpClient(transport=RelayTransport(remembering))
        if kind == "aiohttp"
        else httpx.AsyncClient(transport=httpx.MockTransport(remembering))
    )
    client = AsyncKlingVoices(api_key, gateway=gateway, http_client=async_http, clock=clock, **options)
    if kind == "trio":
        yield Caller(client, _run_on_trio)
        return
    with asyncio.Runner() as runner:
        try:
            yield Caller(client, runner.run)
        finally:
            runner.run(_close(async_http))


async def _close(http: httpx.AsyncClient) -> None:
    await http.aclose()
    await asyncio.sleep(0)  # aiohttp closes its sockets in the next step of the event loop


def _run_on_trio(coroutine: Coroutine[Any, Any, Any]) -> Any:
    async def main() -> Any:
        return await coroutine

    return trio.run(main)
