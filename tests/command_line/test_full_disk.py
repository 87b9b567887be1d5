"""A paid create whose result cannot be written: its id is not lost."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .running import PROGRAM, TASK, URL, advised_commands

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
@pytest.mark.parametrize(
    "arguments",
    [
        ("operations",),
        ("operations", "create_custom_voice"),
        ("call", "create_custom_voice", "--help"),
        ("presets", "--gateway", "mock"),
        ("check", "missing.wav"),
        ("batch", "voices.csv", "--ledger", "voices.sqlite", "--gateway", "mock", "--dry-run"),
        ("mock", "--port", "0"),
        ("--version",),
        ("--help",),
    ],
    ids=" ".join,
)
def test_every_command_on_a_full_disk(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Each command ends with one line on stderr and exit code 5."""
    (tmp_path / "voices.csv").write_text(f"voice_name,voice_url\nAda,{URL}\n", encoding="utf-8")
    with FULL.open("w") as full:
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path
        )
    assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr
    assert "cannot be written" in done.stderr


@needs_full
def test_a_usage_error_on_a_full_disk() -> None:
    """A usage error keeps its exit code, although its JSON document cannot be written."""
    with FULL.open("w") as full:
        done = subprocess.run([*PROGRAM, "nothing", "--json"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


@needs_full
@pytest.mark.parametrize("options", [(), ("--json",)], ids=lambda options: " ".join(options) or "-")
def test_a_batch_on_a_full_disk(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The message says how to continue, and the advised command prints the results of the ledger."""
    (tmp_path / "voices.csv").write_text(f"voice_name,voice_url\nAda,{URL}\n", encoding="utf-8")
    command = ["batch", "voices.csv", "--ledger", "voices.sqlite", "--gateway", "mock", *options]
    with FULL.open("w") as full:
        done = subprocess.run(
            [*PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path
        )
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    (advised,) = advised_commands(done.stderr)
    again = subprocess.run([*PROGRAM, *advised], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (again.returncode, "succeeded" in again.stdout) == (0, True)


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


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("arguments", [("operations",), ("check", "missing.wav")], ids=" ".join)
def test_a_closed_stdout(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """One sentence and exit code 5, because nobody can read the result."""
    command = ["/bin/sh", "-c", f"exec {shlex.join([*PROGRAM, *arguments])} >&-"]
    done = subprocess.run(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (5, 1)
    assert "The result cannot be written to stdout: it is closed." in done.stderr
