"""SDK checks, contract and mock on the same bodies: what one accepts, the others accept, or a table says why not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kling_voices import InvalidInputError, KlingVoices
from kling_voices.mock import MockGateway

from contract_tests.harness.contract import CONTRACT, body_schema
from contract_tests.harness.validation import is_valid
from tests.support.repository import CREATE_PATH

FIELDS = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")
SCHEMA = body_schema(CONTRACT)

_ADDRESSES = (
    "https://example.com/ada.mp3",
    "HTTPS://EXAMPLE.COM/ADA.WAV",
    "http://example.com/ada",
    "https://example.com/ada.ogg",
    "https://example.com/a da.mp3",
    "https://example.com:99999/ada.mp3",
    "https://example.com\u00a0.mp3",
    "https://[bad/ada.mp3",
    "https://@/ada.mp3",
    "ftp://example.com/ada.mp3",
    "https:///ada.mp3",
    "https://?x",
    "example.com/ada.mp3",
    "x",
)
_URLS = st.sampled_from(_ADDRESSES)
_ANYTHING: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.just([]) | st.just({}) | st.text(max_size=3)
)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "voice_name": st.text(max_size=25) | st.just("Ada") | _ANYTHING,
    "voice_url": _URLS | st.just("") | _ANYTHING,
    "video_id": st.sampled_from(["830460928805724256", ""]) | _ANYTHING,
    "callback_url": _URLS | st.just("") | _ANYTHING,
    "external_task_id": st.sampled_from(["order-1", "", ".", ".."]) | _ANYTHING,
    "language": _ANYTHING,
}
_SOURCES = st.sampled_from([{"voice_url": "https://example.com/ada.mp3"}, {"video_id": "830460928805724256"}])

# Half of the bodies are valid but for one field, for a body that is wrong in three ways hides what is right in one.
_BODIES = st.one_of(
    st.fixed_dictionaries(
        {"voice_name": _VALUES["voice_name"]},
        optional={name: _VALUES[name] for name in _VALUES if name != "voice_name"},
    ),
    st.builds(
        lambda source, field: {"voice_name": "Ada", **source, **field},
        _SOURCES,
        st.sampled_from(sorted(_VALUES)).flatmap(lambda name: st.fixed_dictionaries({name: _VALUES[name]})),
    ),
)

# Where the SDK differs from contract and mock, and why. Each predicate must be met by some generated body.
SDK_REFUSES: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "an extension that is plainly not one of the four": (
        "the gateway would find out after the create was accepted (S); the contract's pattern is about scheme and host",
        lambda body: ".ogg" in str(body.get("voice_url")),
    ),
    "an address that no URL parser takes": (
        "a port out of range, a space, a bracket that is not closed; the contract's pattern is about scheme and host",
        lambda body: any(
            part in f"{body.get('voice_url')} {body.get('callback_url')}"
            for part in ("a da", ":99999", "[bad", "//@/", "\u00a0")
        ),
    ),
    "an external id that no path can hold": (
        "`.` and `..` are steps of a path, so a task under them could not be asked for",
        lambda body: body.get("external_task_id") in {".", ".."},
    ),
}
SDK_MENDS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "None means absent": (
        "an optional argument that is None is not sent, where the contract knows no null",
        lambda body: any(name in body and body[name] is None for name in FIELDS[1:]),
    ),
}


def _sdk_accepts(body: dict[str, Any]) -> bool:
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={"voice_name": "x"})

    arguments = {name: body[name] for name in FIELDS[1:] if name in body}
    extra = {name: value for name, value in body.items() if name not in FIELDS}
    with httpx.Client(transport=httpx.MockTransport(handler)) as http:
        client = KlingVoices("k", gateway="kkiai", http_client=http)
        try:
            client.create_voice(body["voice_name"], **arguments, extra_body=extra or None)
        except InvalidInputError:
            assert sent == []
            return False
    assert is_valid(CONTRACT, SCHEMA, sent[0]), "what the SDK sends must keep the contract, whatever it was given"
    return True


def _mock_accepts(body: dict[str, Any]) -> bool:
    request = httpx.Request(
        "POST", f"http://mock{CREATE_PATH}", headers={"authorization": "Bearer mock-key"}, json=body
    )
    return MockGateway().handle(request).status_code == 200


def test_they_accept_the_same_bodies() -> None:
    """For any body: contract and mock agree, and the SDK with both, but for listed differences, all of them met."""
    met: Counter[str] = Counter()
    sides: Counter[bool] = Counter()

    @settings(max_examples=600)
    @given(_BODIES)
    def check(body: dict[str, Any]) -> None:
        by_contract, by_mock, by_sdk = is_valid(CONTRACT, SCHEMA, body), _mock_accepts(body), _sdk_accepts(body)
        assert by_contract == by_mock
        sides[by_contract] += 1
        if by_sdk == by_contract:
            return
        table = SDK_MENDS if by_sdk else SDK_REFUSES
        reasons = [name for name, (_, applies) in table.items() if applies(body)]
        assert reasons, "a difference that no table lists"
        met.update(reasons)

    for address in _ADDRESSES:  # each once for certain, as a source and as a callback
        check = example({"voice_name": "Ada", "voice_url": address})(check)
        check = example({"voice_name": "Ada", "video_id": "1", "callback_url": address})(check)
    check()
    assert met.keys() == SDK_REFUSES.keys() | SDK_MENDS.keys(), "a listed difference that no body shows"
    assert min(sides[True], sides[False]) > 50, sides
