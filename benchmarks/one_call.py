"""One create: what it costs beside the bare request that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
from kling_voices import KlingVoices

from . import canned
from .measure import Comparison, Skipped, in_turns, processor_time, wall_time

PATH = "/kling/v1/general/custom-voices"
HEADERS = {"Authorization": "Bearer key"}
BODY = {
    "voice_name": "Ada",
    "voice_url": "https://cdn.example.com/ada.mp3",
    "external_task_id": "6f1c1f0e-8d1c-4f6b-9d0a-2c1b8a7e5d43",
}


def answer(_: httpx.Request) -> httpx.Response:
    """A created task."""
    return httpx.Response(200, headers={"content-type": "application/json"}, content=canned.BODY)


def ours(client: KlingVoices) -> Callable[[], object]:
    """One create by KlingVoices."""
    return lambda: client.create_voice(BODY["voice_name"], voice_url=BODY["voice_url"])


def bare(http: httpx.Client, base_url: str) -> Callable[[], object]:
    """The same request by hand."""
    return lambda: http.post(f"{base_url}{PATH}", json=BODY, headers=HEADERS).json()


def _openai(base_url: str) -> Callable[[], object]:
    import httpx2  # the fork of httpx that openai is on
    import openai

    def answer_it(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "application/json"}, content=canned.BODY)

    http = httpx2.Client(transport=httpx2.MockTransport(answer_it))
    client: Any = openai.OpenAI(api_key="key", base_url=base_url, http_client=http)
    return lambda: client.post(PATH, body=BODY, cast_to=object)


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """The comparisons of one call."""
    calls, rounds = 50, 8 * rounds  # short rounds in turns: what the machine does else falls on both sides alike
    mocked = "http://gateway.example"
    http = httpx.Client(transport=httpx.MockTransport(answer))
    what = "one create_voice, sync, mock transport: processor time"
    create = processor_time(ours(KlingVoices("key", gateway=mocked, http_client=http)), calls)
    post = processor_time(bare(http, mocked), calls)
    yield in_turns(what, "bare httpx.Client.post(…).json()", 1.25, create, post, rounds=rounds, per=calls)
    try:
        openai = processor_time(_openai(mocked), calls)
    except ImportError:
        yield Skipped(what, "openai's post of the same body", "openai is not installed")
    else:
        yield in_turns(what, "openai's post of the same body", 0.5, create, openai, rounds=rounds, per=calls)
    with (
        canned.canned_server() as base_url,
        httpx.Client() as plain,
        KlingVoices("key", gateway=base_url) as client,
    ):
        yield in_turns(
            "one create_voice, sync, loopback",
            "bare httpx on loopback",
            1.08,
            wall_time(ours(client), calls),
            wall_time(bare(plain, base_url), calls),
            rounds=rounds,
            per=calls,
        )
