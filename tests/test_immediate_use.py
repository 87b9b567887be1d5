"""An operation of a new page can be used as soon as it is generated, from Python and from a shell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regenerate
from kling_voices.mock._messages import Reply, Request

from tests.support.repository import OPENAPI, ROOT
from tests.support.servers import serve_replies

from . import evolved

PAGES = evolved.cases("operations")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables for a process whose package was generated with two new pages."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(OPENAPI, folder / "openapi")
    pages = []
    for name in ("an operation that nobody knew", "a GET with a body, and a form, and a file"):
        pages.append(folder / PAGES[name]["page"])
        pages[-1].write_text(PAGES[name]["text"], encoding="utf-8")
    where = ("--openapi", str(folder / "openapi"), "--generated", str(folder / "generated"))
    assert regenerate.main([*where, *map(str, pages)]) == 0
    path = os.pathsep.join([str(folder / "generated"), str(ROOT / "wrapper")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "KLING_API_KEY": "new-key"}


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A gateway's base URL, and the requests that it received. It fails once on each path, so reads are retried."""
    seen: list[dict[str, Any]] = []

    def reply(came: Request) -> Reply:
        told = {"method": came.method, "path": came.path, "body": came.body.decode()}
        seen.append(
            {**told, "key": came.header("authorization")[0], "type": next(iter(came.header("content-type")), None)}
        )
        is_first = sum(each["path"] == came.path for each in seen) == 1
        if is_first and came.method == "GET":
            return Reply.json(500, {"code": 5000, "message": "busy"})
        return Reply.json(200, {"code": 0, "data": told})

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


def test_from_python(environment: dict[str, str], gateway: tuple[str, list[dict[str, Any]]]) -> None:
    """JSON, a form and files are sent with the key, and a read that fails is sent again."""
    base_url, seen = gateway
    command = [sys.executable, "-c", _CALLS, base_url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert {each["key"] for each in seen} == {"Bearer new-key"}
    spoken, searched, again, form, upload, named, raw = seen[:7]
    assert json.loads(spoken["body"]) == {"text": "hello", "voice_id": "1"}
    assert (searched["method"], again) == ("GET", searched)
    assert (form["body"], form["type"]) == ("word=a+b", "application/x-www-form-urlencoded")
    assert 'name="file"; filename="file"' in upload["body"]
    assert "RIFF" in upload["body"]
    assert 'name="file"; filename="a.wav"' in named["body"]
    assert (raw["method"], raw["body"], raw["type"]) == ("PUT", "RIFF", "application/octet-stream")
    assert len(seen) == 7 + 4


def test_from_a_shell(environment: dict[str, str], gateway: tuple[str, list[dict[str, Any]]], tmp_path: Path) -> None:
    """`operations` lists the operation, and `call` calls it with a body or a file."""
    base_url, seen = gateway

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", "from kling_voices.cli import main; main()", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "post_audio_tts\tPOST\t/kling/v1/audio/tts\tbody" in run("operations").splitlines()
    (tmp_path / "body.json").write_text('{"text": "hello", "voice_id": "1"}', encoding="utf-8")
    answered = run("call", "post_audio_tts", "--body", f"@{tmp_path / 'body.json'}", "--gateway", base_url)
    assert json.loads(answered)["path"] == "/kling/v1/audio/tts"
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    run("call", "post_upload", "--file", f"file={tmp_path / 'a.wav'}", "--gateway", base_url)
    run("call", "put_raw", "--body", f"@{tmp_path / 'a.wav'}", "--gateway", base_url)
    assert ["RIFF" in each["body"] for each in seen] == [False, True, True]
