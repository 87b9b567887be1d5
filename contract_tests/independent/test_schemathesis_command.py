"""The command `schemathesis run`, with the committed configuration, on the served mock gateway."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contract_tests.independent.tools import find_tool
from tests.support.repository import GENERATED, ROOT


@contextmanager
def _served_mock() -> Iterator[str]:
    """`kling-voices mock` as a process of its own; yields its base URL."""
    program = "from kling_voices.cli import main; main()"
    command = [sys.executable, "-c", program, "mock", "--port", "0", "--no-log", "--creation-seconds", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            base_url = process.stdout.readline().strip()
            assert base_url.startswith("http://127.0.0.1:")
            yield base_url
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("key", "exit_code", "message"),
    [("mock-key", 0, r"No issues found|\d+ passed"), ("wrong-key", 1, "[Aa]uthentication")],
)
def test_schemathesis_run(key: str, exit_code: int, message: str) -> None:
    """It passes with the key of the mock gateway, and fails with another, because nothing valid was accepted."""
    with _served_mock() as base_url:
        document = str(GENERATED / "kling_gateway" / "contract.json")
        options = ("--url", base_url, "--seed", "1", "--max-examples", "10", "--no-color")
        command = [find_tool("schemathesis"), "run", document, *options]
        environment = {**os.environ, "KLING_API_KEY": key, "SCHEMATHESIS_HOOKS": ""}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(message, done.stdout), done.stdout[-1500:]
