"""A paid create whose result cannot be written: its id is not lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .running import PROGRAM, TASK, URL

FULL = Path("/dev/full")
CREATE = (*PROGRAM, "create", "Ada", "--voice-url", URL, "--external-task-id", "order-1", "--gateway")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@needs_full
@pytest.mark.parametrize("options", [(), ("--json",), ("--wait",)], ids=lambda options: " ".join(options) or "-")
def test_stdout_on_a_full_disk(options: tuple[str, ...], gateway_url: str) -> None:
    """The message on stderr has the external id, without a traceback, and the exit code is 5."""
    with FULL.open("w") as full:
        command = [*CREATE, gateway_url, *options]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 5
    assert "The result cannot be written to stdout: No space left on device. (external task id order-1)" in done.stderr
    assert "Traceback" not in done.stderr


@needs_full
def test_stderr_on_a_full_disk() -> None:
    """The id is printed on stdout, although no message can be written."""
    with FULL.open("w") as full:
        done = subprocess.run([*CREATE, "mock"], stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{TASK}\n")


def test_a_reader_that_has_ended() -> None:
    """If nobody reads stdout any more, the message on stderr has the external id."""
    with subprocess.Popen([*CREATE, "mock"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert "(external task id order-1)" in errors
    assert "Traceback" not in errors


@needs_full
def test_the_data_of_a_call_on_a_full_disk() -> None:
    """If stdout cannot be written, the data of a call, with the id of the task, is on stderr."""
    body = '{"voice_name": "Ada", "video_id": "1"}'
    with FULL.open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "call", "create_custom_voice", "--body", body, "--gateway", "mock"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 5
    assert f'"task_id": "{TASK}"' in done.stderr
    assert "Traceback" not in done.stderr
