"""One create, compared with the same request by httpx alone and by another SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
from kling_voices import KlingVoices

from . import response_server
from .measure import Comparison, Skipped, compare_alternately, elapsed_time, processor_time

PATH = "/kling/v1/general/custom-voices"
HEADERS = {"Authorization": "Bearer key"}
BODY = {
    "voice_name": "Ada",
    "voice_url": "https://cdn.example.com/ada.mp3",
    "external_task_id": "6f1c1f0e-8d1c-4f6b-9d0a-2c1b8a7e5d43",
}
_CALLS = 50  # per round
_MOCK_URL = "http://gateway.example"


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """All comparisons of one call. Rounds are short here, so there are eight times as many."""
    rounds *= 8
    http = httpx.Client(transport=httpx.MockTransport(_respond))
    what = "one create_voice, sync, mock transport: processor time"
    create = processor_time(_create(KlingVoices("key", gateway=_MOCK_URL, http_client=http)), _CALLS)
    post = processor_time(_post(http, _MOCK_URL), _CALLS)
    yield compare_alternately(what, "bare httpx.Client.post(…).json()", 1.5, create, post, rounds=rounds, calls=_CALLS)
    try:
        openai = processor_time(_openai_post(_MOCK_URL), _CALLS)
    except ImportError:
        yield Skipped(what, "openai's post of the same body", "openai is not installed")
    else:
        yield compare_alternately(
            what, "openai's post of the same body", 0.67, create, openai, rounds=rounds, calls=_CALLS
        )
    with (
        response_server.response_server() as base_url,
        httpx.Client() as plain,
        KlingVoices("key", gateway=base_url) as client,
    ):
        yield compare_alternately(
            "one create_voice, sync, loopback",
            "bare httpx on loopback",
            1.15,
            elapsed_time(_create(client), _CALLS),
            elapsed_time(_post(plain, base_url), _CALLS),
            rounds=rounds,
            calls=_CALLS,
        )


def _respond(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "application/json"}, content=response_server.BODY)


def _create(client: KlingVoices) -> Callable[[], object]:
    return lambda: client.create_voice(BODY["voice_name"], voice_url=BODY["voice_url"])


def _post(http: httpx.Client, base_url: str) -> Callable[[], object]:
    return lambda: http.post(f"{base_url}{PATH}", json=BODY, headers=HEADERS).json()


def _openai_post(base_url: str) -> Callable[[], object]:
    import httpx2  # openai uses this fork of httpx
    import openai

    def respond(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "application/json"}, content=response_server.BODY)

    http = httpx2.Client(transport=httpx2.MockTransport(respond))
    client: Any = openai.OpenAI(api_key="key", base_url=base_url, http_client=http)
    return lambda: client.post(PATH, body=BODY, cast_to=object)
