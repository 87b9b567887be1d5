"""If a gateway repeats keys or the signed parts of URLs, no message, repr or ledger has them."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_voices import KlingVoicesError, VoiceCreationFailedError, VoiceRequest
from kling_voices.mock import VirtualClock

from tests.support.clients import API_KEY, IN_PROCESS, Kind, open_client

SIGNATURE = "f3a9c2/77+0e1b5d8844aa"
QUOTED = "f3a9c2%2F77%2B0e1b5d8844aa"
URL = f"https://user-0:pass-word-0@cdn.example.com/ada.mp3?X-Amz-Expires=3600&X-Amz-Signature={QUOTED}#frag-0123"
SECRETS = (API_KEY, SIGNATURE, QUOTED, "pass-word-0", "frag-0123")
ECHOES = [
    f"key {API_KEY}",
    f"Bearer {API_KEY}",
    f"cannot fetch {URL}",
    "cannot fetch " + URL.replace("/", "\\/"),
    f"GET /ada.mp3?X-Amz-Signature={QUOTED}&X-Amz-Expires=3600 was answered with 403",
    f"the signature {QUOTED} is wrong",
    f"the signature {SIGNATURE} is wrong",
    f'{{"url": "{URL}", "headers": {{"Authorization": "Bearer {API_KEY}"}}}}',
    "user-0:pass-word-0 and #frag-0123",
]


def _leaks(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def _task(message: str) -> dict[str, Any]:
    return {"code": 0, "data": {"task_id": "1", "task_status": "failed", "task_status_msg": message}}


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize("message", ECHOES)
@pytest.mark.parametrize("method", ["create_voice", "create_and_wait", "call"])
def test_the_message_of_an_error(kind: Kind, message: str, method: str, caplog: pytest.LogCaptureFixture) -> None:
    """The text, the repr and the traceback of an error have no secret, nor do logs of any level."""
    caplog.set_level("DEBUG", "kling_voices")
    arguments: dict[str, Any] = (
        {"body": {"prompt": "x", "voice_name": "Ada", "files": [{"voice_url": URL}]}}
        if method == "call"
        else {"voice_url": URL}
    )
    with (
        open_client(kind, lambda _: httpx.Response(400, json={"code": 1201, "message": message})) as call,
        pytest.raises(KlingVoicesError) as caught,
    ):
        call(method, "create_custom_voice" if method == "call" else "Ada", **arguments)
    assert _leaks("".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text) == []


@pytest.mark.parametrize("kind", IN_PROCESS)
@pytest.mark.parametrize("message", ECHOES)
@pytest.mark.parametrize("fails", ["POST", "GET"])
def test_the_reason_of_a_failed_task(kind: Kind, message: str, fails: str) -> None:
    """The error of a failed task, and the repr of the task, have no secret; `raw` is unmodified.

    The task has failed in the response to the create, or in that to the query.
    """
    accepted = {"code": 0, "data": {"task_id": "1", "task_status": "submitted"}}

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=_task(message) if fails in {"POST", request.method} else accepted)

    with (
        open_client(kind, respond, clock=VirtualClock()) as call,
        pytest.raises(VoiceCreationFailedError) as caught,
    ):
        call("create_and_wait", "Ada", voice_url=URL)
    task = caught.value.task
    assert _leaks(f"{caught.value} {caught.value!r} {task!r} {task.status_message}") == []
    assert task.raw == _task(message)


@pytest.mark.parametrize("message", ECHOES)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_ledger(message: str, status: int, tmp_path: Path) -> None:
    """The file of a ledger has no secret that a gateway repeats, in whatever response and at whatever depth."""
    ledger = tmp_path / "voices.sqlite"
    body = _task(message) if status == 200 else {"code": 1200, "message": message}
    body["nested"] = json.dumps({"request": {"text": message}})
    with open_client("sync", lambda _: httpx.Response(status, json=body)) as call:
        [result] = call("create_many", [VoiceRequest("Ada", voice_url=URL)], ledger=ledger)
    assert result.state in {"failed", "refused", "unknown"}
    assert _leaks(ledger.read_bytes().decode("latin-1") + repr(result)) == []
