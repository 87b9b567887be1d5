"""Every client behind one blocking call, so that a test is written once for all of them; one is over aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import httpx
from hypothesis import settings
from kling_voices import AsyncKlingVoices, KlingVoices
from kling_voices._aiohttp import AiohttpClient
from kling_voices._clock import Clock
from kling_voices._transport import LIMITS, tls_context
from kling_voices.mock import VirtualClock

from .relay import Relayed

Kind: TypeAlias = Literal["sync", "async", "aiohttp"]
KINDS: tuple[Kind, ...] = ("sync", "async", "aiohttp")
IN_PROCESS: tuple[Kind, ...] = ("sync", "async")  # for what cannot go over a wire, such as an answer on a virtual clock
KEY = "key-0123456789"


def examples(kind: Kind, most: int = 100) -> settings:
    """How many examples to draw: all for one client, fewer for those that add a loop and a wire to the same rules."""
    return settings(max_examples=most // {"sync": 1, "async": 2, "aiohttp": 5}[kind])


class Caller:
    """One client of either kind."""

    def __init__(self, client: KlingVoices | AsyncKlingVoices, runner: asyncio.Runner | None) -> None:
        self.client = client
        self._runner = runner

    def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method, and wait for it where it is to be awaited; an iterator comes back as a list."""
        called = getattr(self.client, method)(*args, **kwargs)
        if self._runner is None:
            return list(called) if hasattr(called, "__next__") else called
        if hasattr(called, "__anext__"):
            return self._runner.run(_collected(called))
        return self._runner.run(called)


async def _collected(iterator: Any) -> list[Any]:
    return [item async for item in iterator]


@contextmanager
def calling(
    kind: Kind,
    handler: Callable[[httpx.Request], httpx.Response],
    *,
    clock: Clock | None = None,
    api_key: str | None = KEY,
    gateway: str = "kkiai",
    **options: Any,
) -> Iterator[Caller]:
    """A client whose requests `handler` answers, on a clock that needs no sleeping."""
    clock = clock or VirtualClock()
    if kind == "sync":
        with httpx.Client(transport=httpx.MockTransport(handler)) as http:
            client = KlingVoices(api_key, gateway=gateway, http_client=http, **options)
            client._core.clock = clock
            yield Caller(client, None)
        return
    with asyncio.Runner() as runner:
        async_http = (
            AiohttpClient(transport=Relayed(handler), verify=tls_context(), limits=LIMITS)
            if kind == "aiohttp"
            else httpx.AsyncClient(transport=httpx.MockTransport(handler))
        )
        async_client = AsyncKlingVoices(api_key, gateway=gateway, http_client=async_http, **options)
        async_client._core.clock = clock
        try:
            yield Caller(async_client, runner)
        finally:
            runner.run(async_http.aclose())
