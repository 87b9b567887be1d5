"""The command `kling-voices mock`."""

from __future__ import annotations

import signal
import subprocess
import sys

import httpx
import pytest
from kling_voices.cli._commands import app
from typer.testing import CliRunner

from tests.mock.requests import CREATE, VOICE


def test_options_reach_the_mock() -> None:
    """Dialect, word for success, key, limit and times apply; the page is served; each request is logged."""
    options: tuple[str, ...] = (
        "--port",
        "0",
        "--api-key",
        "sk-0123456789",
        "--dialect",
        "kling-v2",
        "--success-status",
        "completed",
    )
    options += ("--creation-seconds", "3600", "--parallel-tasks", "1")
    program = [sys.executable, "-c", "from kling_voices.cli import main; main()", "mock", *options]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base_url = server.stdout.readline().strip()
        with httpx.Client(base_url=base_url, headers={"authorization": "Bearer sk-0123456789"}) as http:
            task = http.post(CREATE, json={**VOICE, "external_task_id": "order-1"}).json()["data"]
            refused = http.post(CREATE, json=VOICE).json()
            moved = http.post("/_mock/api/time", json={"seconds": 3600})
            done = http.get(f"{CREATE}/order-1").json()["data"]
            page = http.get("/_mock/")
        server.send_signal(signal.SIGINT)
        _, messages = server.communicate(timeout=10)
    assert (task["status"], refused["code"], moved.status_code) == ("submitted", 1303, 200)
    assert (done["id"], done["status"]) == (task["id"], "completed")
    assert "<title>Mock gateway</title>" in page.text
    assert f"open {base_url}/_mock/" in messages
    assert f"POST {CREATE} 429" in messages
    assert "/_mock/api" not in messages  # the page is no exchange
    assert "Traceback" not in messages


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--dialect", "klingon"), "dialect is 'klingon'; pass one of 'kling', 'documented', 'kling-v2'"),
        (("--success-status", "done"), "success_status is 'done'; pass one of 'succeed'"),
        (("--callback-secret", "whsec_"), "callback_secret is not `whsec_` followed by base64"),
    ],
)
def test_invalid_options(options: tuple[str, ...], message: str) -> None:
    """One line on stderr says what can be given; the exit code is 2."""
    if "--callback-secret" in options:
        pytest.importorskip("standardwebhooks")
    done = CliRunner().invoke(app, ["mock", "--port", "0", *options])
    assert (done.exit_code, done.stderr.count("\n"), done.stdout) == (2, 1, "")
    assert message in done.stderr
