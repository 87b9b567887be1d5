"""A marked key and a signed URL pass through every failure and never appear in a text that a person could read."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import httpx
import pytest
from kling_voices import KlingVoices, KlingVoicesError
from kling_voices.cli._commands import app
from kling_voices.mock import SHAPES, Fault, MockGateway, VirtualClock
from kling_voices.mock._faults import KINDS as FAULTS
from typer.testing import CliRunner

from tests.support.clients import KINDS, Kind, open_client
from tests.support.hypothesis_profiles import is_thorough
from tests.support.servers import serve

KEY = "sk-MARKEDKEY0123456789"
PASSWORD = "MARKEDPASSWORD"
SIGNATURE = "MARKEDSIGNATURE"
URL = f"https://user:{PASSWORD}@cdn.example.com/ada.mp3?X-Signature={SIGNATURE}#{SIGNATURE}"
MARKS = (KEY, "MARKEDKEY", PASSWORD, SIGNATURE)
ARGUMENTS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "create_voice": (("Ada",), {"voice_url": URL, "callback_url": URL}),
    "create_and_wait": (("Ada",), {"voice_url": URL, "callback_url": URL}),
    "get_task": (("830000000000000001",), {}),
    "wait": (("830000000000000001",), {}),
    "list_tasks": ((), {}),
    "list_presets": ((), {}),
    "delete_voice": (("840000000000000001",), {}),
    "recover": (("order-1",), {}),
}

_SHAPES = [shape for shape in SHAPES if shape != "200 over the limit"]
# The synchronous client reads every shape; the others, which parse with the same code, take turns.
_IN_TURNS = [*product(KINDS[:1], _SHAPES), *zip(cycle(KINDS[1:]), _SHAPES, strict=False)]


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture the debug records of every library and search them for the marks at the end of each test."""
    with caplog.at_level(logging.DEBUG):
        yield
    lines = [f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records]
    assert [line for line in lines if any(mark in line for mark in MARKS)] == []


def _texts(value: object) -> str:
    """Every text form of an object."""
    parts = [repr(value), str(value)]
    if isinstance(value, BaseException):
        parts += traceback.format_exception(value)
    return "\n".join(parts)


def _assert_clean(*values: object) -> None:
    text = "\n".join(_texts(value) for value in values)
    # A traceback shows source lines of the caller. They contain the names of the constants, not their values.
    assert [mark for mark in MARKS if mark in text] == []


def _response_with_secrets(shape: str) -> httpx.Response:
    """A known response in which the gateway repeats key and URL in every text."""
    reply = SHAPES[shape]
    secrets = f"key {KEY} Authorization: Bearer {KEY} source {URL}"
    body = reply.body
    for word in (b"refused", b"failed", b"nginx"):
        body = body.replace(word, secrets.encode())
    headers = [*reply.headers, ("location", URL), ("x-request-id", "r-1")]
    return httpx.Response(reply.status, headers=headers, content=body if "compression" not in shape else b"")


@pytest.mark.parametrize(("kind", "shape"), [*product(KINDS, _SHAPES)] if is_thorough() else _IN_TURNS)
def test_errors_of_every_shape(kind: Kind, shape: str) -> None:
    """No error shows the key or URL that the gateway repeats, in its repr, message, cause or traceback."""
    with open_client(kind, lambda _: _response_with_secrets(shape), api_key=KEY, max_retries=1) as call:
        _assert_clean(call.client)
        for method, (args, kwargs) in ARGUMENTS.items():
            try:
                result = call(method, *args, **kwargs)
            except KlingVoicesError as error:
                _assert_clean(error, error.__cause__, error.__context__)
            else:
                assert (method, result) == ("recover", None)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_comes_back(kind: Kind, fault: Any) -> None:
    """The text of tasks, voices, errors and mock shows neither, while attributes keep the complete values."""
    clock = VirtualClock()
    gateway = MockGateway(KEY, clock=clock, faults=[Fault(fault)])
    with open_client(kind, gateway.handle, clock=clock, api_key=KEY, max_retries=1) as call:
        for method, (args, kwargs) in ARGUMENTS.items():
            try:
                result = call(method, *args, **kwargs)
            except KlingVoicesError as error:
                result = error
            _assert_clean(result, gateway)
            if method == "create_voice" and not isinstance(result, KlingVoicesError):
                assert (result.voice_url, result.callback_url) == (URL, URL)


@pytest.mark.parametrize(
    ("key", "gateway", "url"),
    [
        (KEY + "\n", "kkiai", URL),
        (KEY + "é", "kkiai", URL),
        (KEY, f"https://user:{PASSWORD}@gateway.example.com", URL),
        (KEY, f"https://gateway.example.com/?token={SIGNATURE}", URL),
        (KEY, f"https://user:{PASSWORD}@[bad", URL),
        (KEY, "kkiai", URL.replace("https", "ftp")),
        (KEY, "kkiai", URL.replace(".mp3", ".ogg")),
        (KEY, "kkiai", URL.replace(".com", ".com:99999")),
        (KEY, "kkiai", URL + " "),
    ],
)
def test_invalid_input(key: str, gateway: str, url: str) -> None:
    """Input that is rejected before anything is sent is not shown."""
    with pytest.raises(KlingVoicesError) as caught, KlingVoices(key, gateway=gateway) as client:
        client.create_voice("Ada", voice_url=url)
    _assert_clean(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"https://cdn.example.com/a.mp3?f='x'&sig={SIGNATURE}",
        f"https://u:p'{PASSWORD}@cdn.example.com/a.mp3",
        f'https://cdn.example.com/a.mp3?f="x"&sig={SIGNATURE}',
    ],
)
def test_urls_with_quotes_in_them(url: str) -> None:
    """A URL with quotes is redacted in errors and in the message of a task, however the gateway writes it."""
    for text in (url, url.replace("/", "\\/"), f"cannot fetch {url} with Bearer {KEY}"):
        data = {"task_id": "1", "task_status": "failed", "task_status_msg": text}
        responses = [
            # Also if the gateway changes the URL, because the client has stored the signature that was sent.
            httpx.Response(400, json={"error": {"message": text.replace("?", " ?"), "code": text}, "request_id": KEY}),
            httpx.Response(200, json={"code": 0, "data": data}),
        ]
        with open_client("sync", lambda _, responses=responses: responses.pop(0), api_key=KEY) as call:  # type: ignore[misc]
            for _ in range(2):
                with pytest.raises(KlingVoicesError) as caught:
                    call("create_and_wait", "Ada", voice_url=url)
                _assert_clean(caught.value, getattr(caught.value, "task", None))


def test_over_a_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Over real connections, which log more, and in the output of the command line."""
    file = tmp_path / "key"
    file.write_text(KEY, encoding="utf-8")
    monkeypatch.setenv("KLING_API_KEY", KEY)
    monkeypatch.setattr("kling_voices._sync_client.SystemClock", VirtualClock)
    faults = [Fault("shape_before", times=1, shape="kling 429 1302"), Fault("reset_after", times=1)]
    with serve(MockGateway(KEY, creation_seconds=0, faults=faults)) as base_url:
        on_mock = ("--gateway", base_url)
        runs = [
            ("create", "Ada", "--voice-url", URL, "--callback-url", URL, "--wait", "--json", *on_mock),
            ("create", "Ada", "--voice-url", URL, "--wait", *on_mock, "--api-key-file", str(file)),
            ("create", "Ada", "--voice-url", URL.replace("mp3", "ogg"), *on_mock),
            ("list", *on_mock),
            ("list", "--json", *on_mock),
            ("get", "nobody", *on_mock),
            ("recover", "nobody", "--json", *on_mock),
        ]
        printed = [CliRunner().invoke(app, run) for run in runs]
    assert [run.exit_code for run in printed] == [0, 0, 2, 0, 0, 3, 4]
    _assert_clean(*(run.output for run in printed), *(run.exception for run in printed))
    assert json.loads(printed[0].stdout)["voice_url"] == "https://cdn.example.com/ada.mp3?…"
