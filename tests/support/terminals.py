"""Running a command on a pseudo-terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple


class OnTerminal(NamedTuple):
    """A command that has ended."""

    code: int
    shown: str  # what it wrote to the terminal


def run_on_terminal(
    command: Sequence[str], *, cwd: Path | None = None, stdout: IO[Any] | None = None, **environment: str
) -> OnTerminal:
    """Run a command whose stderr is a terminal, and its stdout, too, unless it is passed.

    The terminal is read while the command runs, because its buffer holds only a few kilobytes.
    """
    leader, follower = os.openpty()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=stdout or follower,
        stderr=follower,
    )
    os.close(follower)
    shown = b""
    try:
        while block := os.read(leader, 65536):
            shown += block
    except OSError:  # the command has closed its side
        pass
    os.close(leader)
    return OnTerminal(process.wait(), shown.decode())
