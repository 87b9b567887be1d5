"""Redocly lints both generated documents, with the rules of `redocly.yaml`."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from contract_tests.independent.tools import find_tool
from tests.support.repository import GENERATED, ROOT


@pytest.mark.parametrize("name", ["openapi.json", "contract.json"])
def test_no_errors(name: str) -> None:
    """`redocly lint` reports no errors."""
    document = GENERATED / "kling_gateway" / name
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    command = [find_tool("redocly"), "lint", "--format=json", str(document)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout[done.stdout.index("{") :])
    errors = [problem["message"] for problem in report["problems"] if problem["severity"] == "error"]
    assert errors == []
    assert report["totals"]["errors"] == 0
    assert done.returncode == 0, done.stderr
