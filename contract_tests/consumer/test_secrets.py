"""A marked key and a signed URL go through everything that can fail, and appear in nothing that a person could read."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from kling_voices import KlingVoices, KlingVoicesError
from kling_voices.cli._commands import app
from kling_voices.mock import SHAPES, Fault, MockGateway, VirtualClock
from kling_voices.mock._faults import KINDS as FAULTS
from typer.testing import CliRunner

from tests.support.clients import KINDS, Kind, open_client
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


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture the debug records of every library, and hold them to the marks at the end of each test."""
    with caplog.at_level(logging.DEBUG):
        yield
    told = [f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records]
    assert [line for line in told if any(mark in line for mark in MARKS)] == []


def _readable(thing: object) -> str:
    """All that a person could come to read of a thing."""
    parts = [repr(thing), str(thing)]
    if isinstance(thing, BaseException):
        parts += traceback.format_exception(thing)
    return "\n".join(parts)


def _assert_clean(*things: object) -> None:
    text = "\n".join(_readable(thing) for thing in things)
    # A traceback shows the caller's own source lines, and these name the constants, not what they hold.
    assert [mark for mark in MARKS if mark in text] == []


def _tell_tale(shape: str) -> httpx.Response:
    """The shape, with key and URL repeated by the gateway wherever it says anything."""
    reply = SHAPES[shape]
    told = f"key {KEY} Authorization: Bearer {KEY} source {URL}"
    body = (
        reply.body.replace(b"refused", told.encode()).replace(b"failed", told.encode()).replace(b"nginx", told.encode())
    )
    headers = [*reply.headers, ("location", URL), ("x-request-id", "r-1")]
    return httpx.Response(reply.status, headers=headers, content=body if "compression" not in shape else b"")


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "200 over the limit"])
@pytest.mark.parametrize("kind", KINDS)
def test_errors_of_every_shape(kind: Kind, shape: str) -> None:
    """No error shows what the gateway repeats of key and URL: not in repr, message, cause or traceback."""
    with open_client(kind, lambda _: _tell_tale(shape), api_key=KEY, max_retries=1) as call:
        _assert_clean(call.client)
        for method, (args, kwargs) in ARGUMENTS.items():
            try:
                came = call(method, *args, **kwargs)
            except KlingVoicesError as error:
                _assert_clean(error, error.__cause__, error.__context__)
            else:
                assert (method, came) == ("recover", None)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_comes_back(kind: Kind, fault: Any) -> None:
    """Tasks, voices, errors and mock show neither; the values themselves are whole, for the caller to use."""
    clock = VirtualClock()
    gateway = MockGateway(KEY, clock=clock, faults=[Fault(fault)])
    with open_client(kind, gateway.handle, clock=clock, api_key=KEY, max_retries=1) as call:
        for method, (args, kwargs) in ARGUMENTS.items():
            try:
                came = call(method, *args, **kwargs)
            except KlingVoicesError as error:
                came = error
            _assert_clean(came, gateway)
            if method == "create_voice" and not isinstance(came, KlingVoicesError):
                assert (came.voice_url, came.callback_url) == (URL, URL)


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
def test_refused_input(key: str, gateway: str, url: str) -> None:
    """What is refused before anything is sent is not shown either."""
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
    """What a gateway says of the source is concealed by what was sent, however written; so is what a task says."""
    for said in (url, url.replace("/", "\\/"), f"cannot fetch {url} with Bearer {KEY}"):
        data = {"task_id": "1", "task_status": "failed", "task_status_msg": said}
        answers = [
            # Even where the gateway breaks the URL up: what it was signed with is known here.
            httpx.Response(400, json={"error": {"message": said.replace("?", " ?"), "code": said}, "request_id": KEY}),
            httpx.Response(200, json={"code": 0, "data": data}),
        ]
        with open_client("sync", lambda _, answers=answers: answers.pop(0), api_key=KEY) as call:  # type: ignore[misc]
            for _ in range(2):
                with pytest.raises(KlingVoicesError) as caught:
                    call("create_and_wait", "Ada", voice_url=url)
                _assert_clean(caught.value, getattr(caught.value, "task", None))


def test_over_a_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Real connections log more than handlers do; and the command line prints no more than the package raises."""
    file = tmp_path / "key"
    file.write_text(KEY, encoding="utf-8")
    monkeypatch.setenv("KLING_API_KEY", KEY)
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
