"""Finds the tools of other projects: by an environment variable, in `node_modules/.bin`, beside Python, or on PATH."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.repository import ROOT

# By tool: the environment variable with its path, and how to install it.
TOOLS = {
    "redocly": ("REDOCLY", "npm install @redocly/cli"),
    "prism": ("PRISM", "npm install @stoplight/prism-cli"),
    "schemathesis": ("SCHEMATHESIS", "pip install schemathesis"),
}
_START_TIMEOUT = 60.0  # seconds


def find_tool(name: str) -> str:
    """The path of a tool; skips the test by name if it is missing."""
    variable, command = TOOLS[name]
    folders = os.pathsep.join(map(str, (ROOT / "node_modules" / ".bin", Path(sys.executable).parent)))
    found = os.environ.get(variable) or shutil.which(name, path=folders) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed; install it with `{command}`, or set {variable} to its path")
    return found


@contextmanager
def prism(*arguments: str) -> Iterator[str]:
    """Run Prism on a free port; yields its base URL."""
    tool = find_tool("prism")
    port = _free_port()
    command = [tool, *arguments, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(base_url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the tool ended with {process.returncode}")
        try:
            httpx.get(base_url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the tool does not listen after {_START_TIMEOUT:.0f} s")
