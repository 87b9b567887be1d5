"""`kling-voices listen`: a real process that receives callbacks over a socket."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_voices import KlingVoices
from kling_voices.cli._commands import app
from kling_voices.clock import SystemClock
from kling_voices.mock import MockGateway
from typer.testing import CliRunner

from tests.callbacks.support import SECRET, TOKEN, URL, older
from tests.support.threads import open_in_thread


@contextmanager
def _listening(
    gateway_url: str, *options: str, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that listens, and its base URL."""
    command = [sys.executable, "-c", "from kling_voices.cli import main; main()", "listen", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--gateway", gateway_url, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KLING_API_KEY": "mock-key", **(environment or {})},
    )
    assert process.stderr
    deadline = threading.Timer(60, process.kill)  # so that no failure makes a test hang
    deadline.start()
    try:
        line = process.stderr.readline()
        found = re.search(r"callbacks are received at (http://.+) until Ctrl-C", line)
        assert found, line + process.stderr.read()
        yield process, found[1]
    finally:
        deadline.cancel()
        process.kill()
        process.communicate()


def _stop(process: subprocess.Popen[str]) -> tuple[str, str, int]:
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    return stdout, stderr, process.returncode


def test_callbacks_of_the_mock_are_printed() -> None:
    """Each state of a task is one line, with the token from the option; Ctrl-C ends with 130 and no traceback."""
    gateway = MockGateway(clock=SystemClock(), creation_seconds=0.3)
    with open_in_thread(gateway.serve()) as url, _listening(url, "--token", TOKEN) as (process, shown):
        assert shown.endswith("/<the token>")  # a token that the user has chosen is not repeated
        callback_url = f"{shown.rpartition('/')[0]}/{TOKEN}"
        with KlingVoices("mock-key", gateway=url) as client:
            task = client.create_voice("Ada", voice_url=URL, callback_url=callback_url)
        assert process.stdout
        lines: list[str] = []
        while line := process.stdout.readline():
            lines.append(line)
            if "succeed" in line:
                break
        stdout, stderr, code = _stop(process)
    assert lines[-1] == f"{task.task_id}\tsucceed\t{gateway.tasks[0].voice_id}\n"
    assert len(lines) == len(set(lines))
    assert (stdout, stderr, code) == ("", "kling-voices: interrupted\n", 130)


def test_json_lines_a_generated_token_and_a_store(tmp_path: Path) -> None:
    """`--json` prints one line of JSON per task. After a restart with the same store a duplicate is not printed."""
    gateway = MockGateway(creation_seconds=0)
    store = str(tmp_path / "callbacks.sqlite")
    with open_in_thread(gateway.serve()) as url, KlingVoices("mock-key", gateway=url) as client:
        task_id = client.create_voice("Ada", voice_url=URL).task_id or ""
        with _listening(url, "--json", "--store", store) as (process, callback_url):
            assert len(callback_url.rpartition("/")[2]) == 32
            assert httpx.post(callback_url, json=older(task_id)).text == "queued\n"
            assert process.stdout
            printed: dict[str, Any] = json.loads(process.stdout.readline())
            assert (printed["task_id"], printed["status"]) == (task_id, "succeed")
            assert _stop(process)[2] == 130
        with _listening(url, "--json", "--store", store) as (process, callback_url):
            assert httpx.post(callback_url, json=older(task_id)).text == "received before\n"
            assert json.loads(_stop(process)[0])["error"]["type"] == "KeyboardInterrupt"


@pytest.mark.parametrize("options", [(), ("--json",)], ids=lambda options: " ".join(options) or "-")
def test_a_reader_that_has_ended(tmp_path: Path, options: tuple[str, ...]) -> None:
    """If stdout cannot be written, the command stops with exit code 5; with a store, the next start prints the task."""
    gateway = MockGateway(creation_seconds=0)
    options = (*options, "--token", TOKEN, "--store", str(tmp_path / "callbacks.sqlite"))
    with open_in_thread(gateway.serve()) as url, KlingVoices("mock-key", gateway=url) as client:
        task_id = client.create_voice("Ada", voice_url=URL).task_id or ""
        with _listening(url, *options) as (process, shown):
            assert process.stdout
            process.stdout.close()
            httpx.post(f"{shown.rpartition('/')[0]}/{TOKEN}", json=older(task_id))
            assert process.wait(20) == 5
            assert process.stderr
            messages = process.stderr.read()
        assert "The result cannot be written to stdout" in messages
        assert "Traceback" not in messages
        with _listening(url, *options) as (process, _):
            assert process.stdout
            assert task_id in process.stdout.readline()


def test_a_token_of_the_environment_and_a_secret(tmp_path: Path) -> None:
    """With a secret, an unsigned callback is refused, with a message on stderr; the token is never printed."""
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    environment = {"KLING_CALLBACK_TOKEN": TOKEN}
    with _listening("mock", "--secret-file", str(secret), environment=environment) as (process, shown):
        response = httpx.post(f"{shown.rpartition('/')[0]}/{TOKEN}", json=older("83"))
        assert response.status_code == 401
        stdout, stderr, _ = _stop(process)
    assert stderr.splitlines() == [
        "kling-voices: a callback was refused: the callback is not signed: the header webhook-id is missing",
        "kling-voices: interrupted",
    ]
    assert TOKEN not in shown + stdout + stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--token", "short"], "token must have 16 to 256"),
        (["--secret-file", "missing.txt"], "the secret file missing.txt cannot be read"),
        (["--host", "300.0.0.1"], "cannot listen on 300.0.0.1 port 8766"),
        (["--store", "missing/callbacks.sqlite"], "the store missing/callbacks.sqlite cannot be opened"),
    ],
)
def test_invalid_options(options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ends with exit code 2 and one line, before anything is received; `--json` prints the error, too."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["listen", "--gateway", "mock", "--json", *options])
    assert done.exit_code == 2
    assert message in done.stderr
    assert message in json.loads(done.stdout)["error"]["message"]


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without uvicorn the message says what to install."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = CliRunner().invoke(app, ["listen", "--gateway", "mock"])
    assert (done.exit_code, done.stderr) == (
        2,
        "kling-voices: uvicorn is missing; run: pip install 'kling-voices[callbacks]'\n",
    )
