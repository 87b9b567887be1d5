"""Installing the wheel into empty environments, with the lowest and the highest versions of its dependencies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal, TypeAlias

Resolution: TypeAlias = Literal["highest", "lowest-direct"]
RESOLUTIONS: tuple[Resolution, ...] = ("highest", "lowest-direct")
_MINIMUM = (3, 11)
_CREATE = ("create", "Ada", "--voice-url", "https://example.com/ada.mp3", "--gateway", "mock", "--wait")


def available_pythons(uv: str) -> dict[str, str]:
    """Version → path of each installed CPython that the project supports; the newest patch of each minor version."""
    listed = subprocess.run(
        [uv, "python", "list", "--only-installed", "--output-format", "json"],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[tuple[int, int], tuple[int, str, str]] = {}
    for each in json.loads(listed.stdout):
        parts = each["version_parts"]
        minor = (parts["major"], parts["minor"])
        if each["implementation"] == "cpython" and minor >= _MINIMUM:
            newest = (parts["patch"], each["version"], each["path"])
            found[minor] = max(found.get(minor, newest), newest)
    return {version: path for _, (_, version, path) in sorted(found.items())}


def check_installation(uv: str, wheel: Path, python: str, resolution: Resolution, folder: Path) -> None:
    """Install the wheel, and create a voice on the mock gateway. Raises subprocess.CalledProcessError on failure."""
    environment = {**os.environ, "VIRTUAL_ENV": str(folder), "UV_PYTHON_DOWNLOADS": "never"}
    _run([uv, "venv", "--quiet", "--python", python, str(folder)], environment)
    interpreter = str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    install = [uv, "pip", "install", "--quiet", "--python", interpreter, "--resolution", resolution]
    _run([*install, f"{wheel}[cli,mock]"], environment)
    code = "from kling_voices.cli import main; main()"
    for arguments in (("--version",), _CREATE):
        _run([interpreter, "-W", "error::DeprecationWarning:kling_voices", "-c", code, *arguments], environment)


def write_sbom(python: str, destination: Path) -> None:
    """Write a CycloneDX SBOM of the environment of `python`, without local paths."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", python]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    destination.write_text(done.stdout, encoding="utf-8")


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, check=True, env=environment, capture_output=True)
