"""A paid create whose result cannot be written: its id is not lost."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support.recordings import tone, write

from .running import PROGRAM, TASK, URL

FULL = Path("/dev/full")
CREATE = (*PROGRAM, "create", "Ada", "--voice-url", URL, "--gateway", "mock", "--external-task-id", "order-1")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@needs_full
@pytest.mark.parametrize("options", [(), ("--json",), ("--wait",)], ids=lambda options: " ".join(options) or "-")
def test_stdout_on_a_full_disk(options: tuple[str, ...]) -> None:
    """The message on stderr has the external id, without a traceback, and the exit code is 5."""
    with FULL.open("w") as full:
        done = subprocess.run([*CREATE, *options], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 5
    assert "The result cannot be written to stdout: No space left on device. (external task id order-1)" in done.stderr
    assert "Traceback" not in done.stderr


@needs_full
def test_stderr_on_a_full_disk() -> None:
    """The id is printed on stdout, although no message can be written."""
    with FULL.open("w") as full:
        done = subprocess.run(CREATE, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{TASK}\n")


def test_a_reader_that_has_ended() -> None:
    """If nobody reads stdout any more, the message on stderr has the external id."""
    with subprocess.Popen(CREATE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
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


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [
        ("operations",),
        ("operations", "create_custom_voice"),
        ("check", "ada.wav", "--no-speech"),
        ("list", "--gateway", "mock", "--json"),
        ("batch", "m.csv", "--ledger", "l.sqlite", "--gateway", "mock", "--dry-run"),
        ("mock", "--port", "0"),
        ("--version",),
        ("--help",),
    ],
    ids=" ".join,
)
def test_stdout_of_other_commands_on_a_full_disk(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """One sentence and exit code 5."""
    _check_one_sentence(arguments, tmp_path, "> /dev/full")


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [
        ("operations",),
        ("check", "ada.wav", "--no-speech"),
        ("batch", "m.csv", "--ledger", "l.sqlite", "--gateway", "mock", "--dry-run"),
    ],
    ids=" ".join,
)
def test_a_closed_stdout(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """The same."""
    _check_one_sentence(arguments, tmp_path, ">&-")


def _check_one_sentence(arguments: tuple[str, ...], tmp_path: Path, redirection: str) -> None:
    write(tmp_path / "ada.wav", tone(6))
    (tmp_path / "m.csv").write_text(f"voice_name,voice_url\nAda,{URL}\n", encoding="utf-8")
    command = f"exec {shlex.join([*PROGRAM, *arguments])} {redirection}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr.count("\n")) == (5, 1)
    assert "cannot be written" in done.stderr
