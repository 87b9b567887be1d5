"""Running commands, in this process or as a process of their own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
from kling_voices.cli._commands import app
from kling_voices.mock import MockGateway
from typer.testing import CliRunner

URL = "https://example.com/ada.mp3"
VOICE = "840000000000000001"
TASK = "830000000000000001"
PROGRAM = (sys.executable, "-c", "from kling_voices.cli import main; main()")


def run(*arguments: str, stdin: str | None = None) -> Any:
    """Run a command in this process; the result has `exit_code`, `stdout` and `stderr`."""
    return CliRunner().invoke(app, arguments, input=stdin, prog_name="kling-voices")


def run_process(*arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a process, with additional environment variables."""
    command = [*PROGRAM, *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False, timeout=60)


def use_gateway(monkeypatch: pytest.MonkeyPatch, gateway: MockGateway) -> MockGateway:
    """Make every client of `--gateway mock` talk to this mock gateway."""
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    return gateway


def advised_commands(message: str) -> list[list[str]]:
    """The arguments of the `kling-voices` commands that a message tells the reader to run."""
    return [shlex.split(command)[1:] for command in re.findall(r"kling-voices (?!:)\S.*$", message, re.MULTILINE)]
