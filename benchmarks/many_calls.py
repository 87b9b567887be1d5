"""Many creates at once, over each of the ways in which that can be done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx
from kling_gateway import AuthenticatedClient
from kling_gateway.api.voices import create_custom_voice
from kling_gateway.models import CreateCustomVoiceBody
from kling_voices import AsyncKlingVoices

from .canned import canned_server
from .measure import Comparison, Measured, Skipped, in_turns
from .one_call import BODY, HEADERS, PATH

Call = Callable[[], Awaitable[object]]
CREATES, CONCURRENCY = 5_000, 64


async def at_once(
    call: Call, creates: int, concurrency: int = CONCURRENCY, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds for so many calls, so many of them at a time."""
    left = iter(range(creates))

    async def work() -> None:
        for _ in left:
            await call()

    start = clock()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return clock() - start


def ours(base_url: str, creates: int = CREATES) -> Measured:
    """AsyncKlingVoices."""

    async def run() -> float:
        async with AsyncKlingVoices("key", gateway=base_url) as client:
            return await at_once(lambda: client.create_voice(BODY["voice_name"], voice_url=BODY["voice_url"]), creates)

    return lambda: asyncio.run(run())


def _bare(client_class: type[httpx.AsyncClient], base_url: str) -> Measured:
    async def run() -> float:
        async with client_class(base_url=base_url, headers=HEADERS) as client:

            async def call() -> object:
                return (await client.post(PATH, json=BODY)).json()

            return await at_once(call, CREATES)

    return lambda: asyncio.run(run())


def _generated(base_url: str) -> Measured:
    async def run() -> float:
        async with AuthenticatedClient(base_url, token="key") as client:
            body = CreateCustomVoiceBody.from_dict(BODY)
            return await at_once(lambda: create_custom_voice.asyncio_detailed(client=client, body=body), CREATES)

    return lambda: asyncio.run(run())


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """The comparisons of many calls."""
    what = f"{CREATES:,} async creates at concurrency {CONCURRENCY}, loopback, with the extra aiohttp"
    try:
        from httpx_aiohttp import HttpxAiohttpClient
    except ImportError:
        yield Skipped(what, "bare httpx-aiohttp", "the extra aiohttp is not installed")
        return
    with canned_server() as base_url:
        yield in_turns(
            what,
            "bare httpx-aiohttp",
            1.25,
            ours(base_url),
            _bare(HttpxAiohttpClient, base_url),
            rounds=rounds,
            per=CREATES,
        )
        slow = max(1, rounds // 2)  # the peer takes seven times as long
        yield in_turns(
            what,
            "the generated client's asyncio on httpx's own pool",
            0.15,
            ours(base_url),
            _generated(base_url),
            rounds=slow,
            per=CREATES,
        )
