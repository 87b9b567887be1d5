"""Running commands, in this process or as a process of their own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from typing import Any, NamedTuple

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


class Ended(NamedTuple):
    """A command that has ended."""

    exit_code: int
    stdout: str
    stderr: str


_RUN_COMMANDS = """
import json, sys
from kling_voices.cli._commands import app
from typer.testing import CliRunner
results = [CliRunner().invoke(app, arguments, prog_name="kling-voices") for arguments in json.load(sys.stdin)]
print(json.dumps([[result.exit_code, result.stdout, result.stderr] for result in results]))
"""


def run_commands(*commands: list[str], environment: dict[str, str]) -> list[Ended]:
    """Run commands in one new process, for example with another generated package; a start takes half a second."""
    process = subprocess.run(
        [sys.executable, "-c", _RUN_COMMANDS],
        env=environment,
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [Ended(*result) for result in json.loads(process.stdout)]


def use_gateway(monkeypatch: pytest.MonkeyPatch, gateway: MockGateway) -> MockGateway:
    """Make every client of `--gateway mock` talk to this mock gateway."""
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    return gateway


def advised_commands(message: str) -> list[list[str]]:
    """The arguments of the `kling-voices` commands that a message tells the reader to run."""
    return [shlex.split(command)[1:] for command in re.findall(r"kling-voices (?!:)\S.*$", message, re.MULTILINE)]
