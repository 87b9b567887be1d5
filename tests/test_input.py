"""Invalid input is reported in one sentence, before anything is sent."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from kling_voices import InvalidInputError
from kling_voices._flows.validation import validate_api_key, validate_extra_body

from tests.support.clients import Kind, open_client

URL = "https://example.com/ada.mp3"


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"sent {request.method} {request.url}")


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("", {"voice_url": URL}, "voice_name has 0 characters; it must have 1 to 20"),
        ("A" * 21, {"voice_url": URL}, "voice_name has 21 characters; it must have 1 to 20"),
        (7, {"voice_url": URL}, "voice_name is of type int; pass a string"),
        ("\ud800", {"voice_url": URL}, "voice_name contains an unpaired surrogate"),
        ("Ada", {}, "neither voice_url nor video_id is given"),
        ("Ada", {"voice_url": "", "video_id": ""}, "neither voice_url nor video_id is given"),
        ("Ada", {"voice_url": URL, "video_id": "1"}, "voice_url and video_id are both given"),
        ("Ada", {"video_id": 830460928805724256}, "video_id is of type int; pass a string"),
        ("Ada", {"voice_url": "ftp://example.com/ada.mp3"}, "is not an http or https URL"),
        ("Ada", {"voice_url": "https:///ada.mp3"}, "is not an http or https URL"),
        ("Ada", {"voice_url": "//example.com/ada.mp3"}, "is not an http or https URL"),
        ("Ada", {"voice_url": "example.com/ada.mp3"}, "is not an http or https URL"),
        ("Ada", {"voice_url": "/home/ada.mp3"}, "voice_url '/home/ada.mp3' is a local path, which a gateway cannot"),
        ("Ada", {"voice_url": "ada.WAV"}, "is a local path"),
        ("Ada", {"voice_url": "./ada"}, "is a local path"),
        ("Ada", {"voice_url": "~/ada.mp3"}, "is a local path"),
        ("Ada", {"voice_url": r"C:\voices\ada.mp3"}, "is a local path"),
        ("Ada", {"voice_url": r"..\ada.mp3"}, "is a local path"),
        ("Ada", {"voice_url": "file:///home/ada.mp3"}, "is a local path"),
        ("Ada", {"voice_url": "https://example.com:99999/ada.mp3"}, "is not an http or https URL"),
        ("Ada", {"voice_url": "https://example.com/a b.mp3"}, "is not an http or https URL"),
        (
            "Ada",
            {"voice_url": "https://example.com/ada.ogg"},
            "ends in .ogg; convert the file to one of .mp3, .wav, .mp4, .mov",
        ),
        ("Ada", {"voice_url": "https://example.com/ada.TXT?x=.mp3"}, "ends in .TXT"),
        ("Ada", {"voice_url": URL, "callback_url": "mailto:ada@example.com"}, "callback_url"),
        ("Ada", {"voice_url": URL, "external_task_id": 5}, "external_task_id is of type int"),
        ("Ada", {"voice_url": URL, "external_task_id": ".."}, "external_task_id is '..'"),
        ("Ada", {"voice_url": URL, "extra_body": {"voice_name": "B"}}, "pass it as the argument voice_name instead"),
        ("Ada", {"voice_url": URL, "extra_body": {"x": float("nan")}}, "extra_body cannot be written as JSON"),
        ("Ada", {"voice_url": URL, "extra_body": [1]}, "extra_body must be a mapping"),
    ],
)
def test_create_refuses(kind: Kind, name: Any, options: dict[str, Any], says: str) -> None:
    """Each invalid argument is named; nothing is sent."""
    with open_client(kind, _never) as call, pytest.raises(InvalidInputError) as caught:
        call("create_voice", name, **options)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.outcome == "not_created"


@pytest.mark.parametrize("method", ["create_voice", "create_and_wait"])
def test_an_invalid_create_has_its_external_id(kind: Kind, method: str) -> None:
    """Every error of a create has the caller's id, also if nothing was sent."""
    with open_client(kind, _never) as call, pytest.raises(InvalidInputError) as caught:
        call(method, "Ada", external_task_id="order-1")
    assert caught.value.external_task_id == "order-1"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/ada",
        "https://example.com/v1.2",
        "https://example.com/voices/ada.WAV",
        "http://example.com/ada.mov?sig=1.txt",
        "https://example.com/download?id=3",
    ],
)
def test_urls_that_pass(kind: Kind, url: str) -> None:
    """A supported extension is valid in upper and lower case, and so is a URL without one."""
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"voice_name": "Ada"})

    with open_client(kind, handler) as call:
        assert call("create_voice", "Ada", voice_url=url).voice_url == url
    assert len(sent) == 1


def test_exactly_the_given_fields_are_sent(kind: Kind) -> None:
    """Exactly the given arguments and the fields of extra_body are sent."""
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"voice_name": "Ada"})

    body = {
        "voice_name": "Ada",
        "video_id": "830460928805724256",
        "callback_url": "https://example.com/called",
        "external_task_id": "order-1",
    }
    with open_client(kind, handler) as call:
        call("create_voice", **body, voice_url="", extra_body={"language": "en", "deep": [{"x": None}]})
    assert [json.loads(request.content) for request in sent] == [{**body, "language": "en", "deep": [{"x": None}]}]


@pytest.mark.parametrize("task_id", ["", ".", "..", 5, None])
def test_ids_that_no_request_can_ask_for(kind: Kind, task_id: Any) -> None:
    """An empty id, a dot segment and a number are invalid."""
    with open_client(kind, _never) as call, pytest.raises(InvalidInputError):
        call("get_task", task_id)


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf"), "5", True])
def test_waits_have_an_end(kind: Kind, timeout: Any) -> None:
    """The timeout of a wait is a finite number of seconds."""
    with open_client(kind, _never) as call, pytest.raises(InvalidInputError, match="timeout"):
        call("wait", "123", timeout=timeout)


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"timeout": float("inf")}, {"max_retries": -1}, {"max_retries": 1.5}]
)
def test_constructor_refuses(kind: Kind, options: dict[str, Any]) -> None:
    """Timeouts and retries are finite numbers."""
    with pytest.raises(InvalidInputError, match=next(iter(options))), open_client(kind, _never, **options):
        pass


def test_a_clock_without_the_methods_is_refused(kind: Kind) -> None:
    """A clock without the needed methods is reported when the client is created, and not during a paid call."""
    with pytest.raises(InvalidInputError, match="clock is of type"), open_client(kind, _never, clock=time):  # type: ignore[arg-type]
        pass


def test_a_client_of_the_other_kind_is_refused() -> None:
    """An httpx client of the wrong kind is reported when the client is created."""
    from kling_voices import AsyncKlingVoices, KlingVoices

    with httpx.Client() as http, pytest.raises(InvalidInputError, match=r"pass an httpx\.AsyncClient"):
        AsyncKlingVoices("k", http_client=http)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match=r"pass an httpx\.Client"):
        KlingVoices("k", http_client="http")  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["a b", "k\u00e9y", "k\ney", "", 5])
def test_keys_that_no_header_can_carry(key: Any) -> None:
    """A key with a space, a line break or a character outside ASCII, and an empty key, are refused and not shown."""
    with pytest.raises(InvalidInputError, match="the API key") as caught:
        validate_api_key(key)
    assert not key or str(key) not in str(caught.value)


@pytest.mark.parametrize(
    ("extra_body", "says"),
    [
        ({5: 1}, "must be a mapping"),
        ([("a", 1)], "must be a mapping"),
        ({"voice_url": 1, "video_id": 1}, "extra_body has the field 'video_id'"),
        ({"x": "\ud800"}, "cannot be written as JSON"),
    ],
)
def test_what_extra_body_may_hold(extra_body: Any, says: str) -> None:
    """extra_body maps names to JSON values; a field that has an argument of its own is named."""
    with pytest.raises(InvalidInputError, match=says):
        validate_extra_body(extra_body)
