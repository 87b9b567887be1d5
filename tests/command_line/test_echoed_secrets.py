"""A gateway that repeats the API key or the caller's signed URL: the command line does not print them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from kling_voices.cli._commands import app
from kling_voices.mock._messages import Reply, Request

from tests.support.servers import serve_replies

from .running import run

KEY = "sk-0123456789abcdef"
SIGNATURE = "0f1e2d3c4b5a69788796"
URL = f"https://cdn.example.com/ada.mp3?X-Amz-Signature={SIGNATURE}"
RESULT = "https://cdn.example.com/result.mp3?X-Amz-Signature=a-signature-of-a-result"
BODY = json.dumps({"voice_name": "Ada", "voice_url": URL})
CALL = ("call", "create_custom_voice", "--body", BODY)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLING_API_KEY", KEY)


def _data(status: str) -> dict[str, Any]:
    voice = {"voice_id": "840000000000000001", "voice_name": "Ada", "trial_url": RESULT}
    return {
        "task_id": "830000000000000001",
        "task_status": status,
        "task_status_msg": f"Bearer {KEY} cannot fetch {URL}",
        "task_result": {"voices": [voice]},
        "debug": {"headers": {"Authorization": f"Bearer {KEY}"}, "nested": json.dumps({"key": KEY}), "url": URL},
    }


def _reply(status: str) -> Any:
    def reply(_: Request) -> Reply:
        if status == "refused":
            refusal = {"code": 1200, "message": f"Bearer {KEY} cannot fetch {URL}", "debug": URL}
            return Reply(400, json.dumps(refusal).encode())
        return Reply(200, json.dumps({"code": 0, "message": "SUCCEED", "data": _data(status)}).encode())

    return reply


@pytest.mark.parametrize("status", ["succeed", "failed", "refused"])
@pytest.mark.parametrize("options", [(), ("--wait",), ("--json",), ("--wait", "--json")], ids=" ".join)
def test_call(status: str, options: tuple[str, ...]) -> None:
    """The key is printed nowhere, and the signature not on stderr; the result's URL on stdout is complete."""
    with serve_replies(_reply(status)) as url:
        done = run(*CALL, "--gateway", url, *options)
    assert KEY not in done.output + done.stderr
    assert SIGNATURE not in done.stderr
    assert "Traceback" not in done.output
    if status == "succeed" or (status == "failed" and "--wait" not in options):
        assert (done.exit_code, RESULT in done.stdout, SIGNATURE in done.stdout) == (0, True, True)
    else:
        assert SIGNATURE not in done.stdout
        assert done.exit_code == (6 if status == "failed" else 3)


@pytest.mark.parametrize("command", [("get", "1"), ("wait", "1"), ("create", "Ada", "--voice-url", URL)], ids=" ".join)
@pytest.mark.parametrize("status", ["succeed", "failed", "refused"])
def test_raw(command: tuple[str, ...], status: str) -> None:
    """In `raw` on stdout everything but the key of this command is kept."""
    with serve_replies(_reply(status)) as url:
        done = run(*command, "--gateway", url, "--json")
    assert KEY not in done.output + done.stderr
    assert SIGNATURE not in done.stderr
    if status == "succeed":
        raw = json.loads(done.stdout)["raw"]
        assert raw["data"]["task_result"] == _data(status)["task_result"]
        assert raw["data"]["debug"]["headers"] == {"Authorization": "Bearer …"}
        assert raw["data"]["debug"]["nested"] == json.dumps({"key": "…"}, ensure_ascii=False)
        assert done.stdout.isascii()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_the_data_of_a_call_on_stderr(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """If stdout cannot be written, the data on stderr has no key and no signature, but the ids and results."""
    with serve_replies(_reply("succeed")) as url, Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            app([*CALL, "--gateway", url])
    printed = capsys.readouterr().err
    assert ended.value.code == 5
    assert KEY not in printed
    assert SIGNATURE not in printed
    assert '"task_id": "830000000000000001"' in printed
    assert RESULT in printed
