"""Many concurrent creates, compared with other ways of sending the same requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx
from kling_gateway import AuthenticatedClient
from kling_gateway.api.voices import create_custom_voice
from kling_gateway.models import CreateCustomVoiceBody
from kling_voices import AsyncKlingVoices, aiohttp_client

from .measure import Comparison, Measurement, Skipped, compare_alternately
from .one_call import BODY, HEADERS, PATH
from .response_server import response_server

CREATES, CONCURRENCY = 5_000, 64


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """All comparisons of many calls."""
    what = f"{CREATES:,} async creates at concurrency {CONCURRENCY}, loopback, over aiohttp_client()"
    try:
        from httpx_aiohttp import HttpxAiohttpClient
    except ImportError:
        yield Skipped(what, "bare httpx-aiohttp", "the extra aiohttp is not installed")
        return
    with response_server() as base_url:
        yield compare_alternately(
            what,
            "bare httpx-aiohttp",
            1.35,
            creates(base_url),
            _posts(HttpxAiohttpClient, base_url),
            rounds=rounds,
            calls=CREATES,
        )
        yield compare_alternately(
            what,
            "the generated client's asyncio on httpx's own pool",
            0.30,
            creates(base_url),
            _generated_creates(base_url),
            rounds=max(1, rounds // 2),  # the generated client takes several times as long
            calls=CREATES,
        )


async def run_concurrently(call: Callable[[], Awaitable[object]], count: int, concurrency: int = CONCURRENCY) -> float:
    """Run `count` calls, at most `concurrency` at the same time; the result is the elapsed time in seconds."""
    remaining = iter(range(count))

    async def worker() -> None:
        for _ in remaining:
            await call()

    start = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return time.perf_counter() - start


def creates(base_url: str, count: int = CREATES) -> Measurement:
    """`count` creates by AsyncKlingVoices over aiohttp."""

    async def run() -> float:
        async with aiohttp_client() as http, AsyncKlingVoices("key", gateway=base_url, http_client=http) as client:
            return await run_concurrently(
                lambda: client.create_voice(BODY["voice_name"], voice_url=BODY["voice_url"]), count
            )

    return lambda: asyncio.run(run())


def _posts(client_class: type[httpx.AsyncClient], base_url: str) -> Measurement:
    async def run() -> float:
        async with client_class(base_url=base_url, headers=HEADERS) as client:

            async def call() -> object:
                return (await client.post(PATH, json=BODY)).json()

            return await run_concurrently(call, CREATES)

    return lambda: asyncio.run(run())


def _generated_creates(base_url: str) -> Measurement:
    async def run() -> float:
        async with AuthenticatedClient(base_url, token="key") as client:
            body = CreateCustomVoiceBody.from_dict(BODY)
            return await run_concurrently(
                lambda: create_custom_voice.asyncio_detailed(client=client, body=body), CREATES
            )

    return lambda: asyncio.run(run())
