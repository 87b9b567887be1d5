"""An operation that a new page adds can be used as soon as it is generated: in Python, in a shell, on the mock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kling_voices
import pytest
import regenerate
from kling_voices.mock._messages import Reply, Request

from tests.command_line.running import run_commands
from tests.support.servers import serve_replies

from . import evolved, pages

PAGES = evolved.cases("operations")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with which the package is one that was generated with new pages."""
    folder = tmp_path_factory.mktemp("project")
    pages.copy_openapi(folder)
    new = [pages.published(name) for name in ("text2video.md", "query-text2video.md")]
    for name in ("an operation that nobody knew", "a GET with a body, and a form, and a file"):
        new.append(folder / PAGES[name]["page"])
        new[-1].write_text(PAGES[name]["text"], encoding="utf-8")
    folders = ("--openapi", str(folder / "openapi"), "--generated", str(folder / "generated"))
    assert regenerate.main([*folders, *map(str, new)]) == 0
    path = os.pathsep.join([str(folder / "generated"), str(Path(kling_voices.__file__).parents[1])])
    return {**os.environ, "PYTHONPATH": path, "KLING_API_KEY": "new-key"}


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A gateway's base URL, and the requests it gets. The first GET of each path fails, so that it is sent again."""
    seen: list[dict[str, Any]] = []

    def reply(request: Request) -> Reply:
        echo = {"method": request.method, "path": request.path, "body": request.body.decode()}
        content_type = next(iter(request.header("content-type")), None)
        seen.append({**echo, "key": request.header("authorization")[0], "type": content_type})
        is_first = sum(each["path"] == request.path for each in seen) == 1
        if is_first and request.method == "GET":
            return Reply.json(500, {"code": 5000, "message": "busy"})
        return Reply.json(200, {"code": 0, "data": echo})

    with serve_replies(reply) as base_url:
        yield base_url, seen


_CALLS = """
import asyncio, io, sys
from kling_gateway.models import PostUploadBody
from kling_gateway.types import File
from kling_voices import AsyncKlingVoices, InvalidInputError, KlingVoices

CALLS = [
    ("post_audio_tts", {"body": {"text": "hello", "voice_id": "1"}}),
    ("get_search", {}),
    ("post_form", {"body": {"word": "a b"}}),
    ("post_upload", {"body": {"file": b"RIFF", "note": "n"}}),
    ("post_upload", {"body": PostUploadBody(file=File(io.BytesIO(b"RIFF"), "a.wav", "audio/wav"))}),
    ("put_raw", {"body": b"RIFF"}),
]
with KlingVoices(gateway=sys.argv[1]) as client:
    for operation, arguments in CALLS:
        client.call(operation, **arguments)
    try:
        client.call("post_audio_tts", body={"text": "no voice"})
    except InvalidInputError as error:
        assert "needs the field 'voice_id'" in str(error), error
    else:
        raise AssertionError

async def main():
    async with AsyncKlingVoices(gateway=sys.argv[1]) as client:
        for operation, arguments in CALLS[:4]:
            await client.call(operation, **arguments)

asyncio.run(main())
"""


def _run(environment: dict[str, str], code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_python(environment: dict[str, str], gateway: tuple[str, list[dict[str, Any]]]) -> None:
    """JSON, forms and files are sent with the key; a read that failed once is sent again."""
    base_url, seen = gateway
    _run(environment, _CALLS, base_url)
    assert {each["key"] for each in seen} == {"Bearer new-key"}
    spoken, searched, again, form, upload, named, raw = seen[:7]
    assert json.loads(spoken["body"]) == {"text": "hello", "voice_id": "1"}
    assert (searched["method"], searched["body"], again) == ("GET", "", searched)  # the body of a GET has no meaning
    assert (form["body"], form["type"]) == ("word=a+b", "application/x-www-form-urlencoded")
    assert 'name="file"; filename="file"' in upload["body"]
    assert "RIFF" in upload["body"]
    assert 'name="file"; filename="a.wav"' in named["body"]
    assert (raw["method"], raw["body"], raw["type"]) == ("PUT", "RIFF", "application/octet-stream")
    assert len(seen) == 7 + 4


_ON_THE_MOCK = """
import json
from kling_voices import KlingVoices
from kling_voices.mock import VirtualClock

with KlingVoices("mock-key", gateway="mock") as client:
    for operation, body in [
        ("post_audio_tts", {"text": "hello", "voice_id": "1"}),
        ("post_form", {"word": "a b"}),
        ("post_upload", {"file": b"RIFF", "note": "n"}),
    ]:
        assert client.call(operation, body=body) == {}, operation
    assert client.call("get_search") == {}
    film = client.call("post_videos_text2video", body={"prompt": "a sunrise"}, wait=True)
    print(json.dumps(film))
"""


def test_on_the_mock(environment: dict[str, str]) -> None:
    """The embedded mock serves each new operation, and the task of a new kind succeeds with a video."""
    film = json.loads(_run(environment, _ON_THE_MOCK))
    [video] = film["task_result"]["videos"]
    assert (film["task_status"], video["id"]) == ("succeed", "840000000000000001")
    assert video["url"].startswith("https://")


def test_from_a_shell(environment: dict[str, str], gateway: tuple[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    """`operations` lists the new operation, and `call` calls it with a body or a file."""
    base_url, seen = gateway
    (tmp_path / "body.json").write_text('{"text": "hello", "voice_id": "1"}', encoding="utf-8")
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    listed, spoken, uploaded, raw = run_commands(
        ["operations"],
        ["call", "post_audio_tts", "--body", f"@{tmp_path / 'body.json'}", "--gateway", base_url],
        ["call", "post_upload", "--file", f"file={tmp_path / 'a.wav'}", "--gateway", base_url],
        ["call", "put_raw", "--body", f"@{tmp_path / 'a.wav'}", "--gateway", base_url],
        environment=environment,
    )
    assert [each.exit_code for each in (listed, spoken, uploaded, raw)] == [0, 0, 0, 0]
    assert "post_audio_tts\tPOST\t/kling/v1/audio/tts" in listed.stdout
    assert json.loads(spoken.stdout)["path"] == "/kling/v1/audio/tts"
    assert ["RIFF" in each["body"] for each in seen] == [False, True, True]
