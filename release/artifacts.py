"""Building the sdist and the wheel. Two builds of the same commit must give the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from .version import ReleaseError

_EPOCH = "1700000000"  # a fixed time for all files in the archives
_WHEEL_MEMBERS = (
    "kling_voices/__init__.py",
    "kling_voices/py.typed",
    "kling_gateway/__init__.py",
    "kling_gateway/py.typed",
    "kling_gateway/contract.json",
    "kling_gateway/openapi.json",
)
_SDIST_MEMBERS = ("pyproject.toml", "README.md", "LICENSE", "noxfile.py", "constraints.txt", "openapi/regenerate.py")


def build_twice(root: Path, destination: Path) -> dict[str, str]:
    """Build both archives twice; the second build is from the sdist.

    Returns the SHA-256 digest of each archive, by file name. Raises ReleaseError if the two builds differ.
    """
    first, second, source = destination / "dist", destination / "second", destination / "source"
    _build(root, first)
    source.mkdir(parents=True)
    with tarfile.open(next(first.glob("*.tar.gz"))) as archive:
        archive.extractall(source, filter="data")
    _build(next(source.iterdir()), second)
    digests, again = _digests(first), _digests(second)
    if digests != again:
        different = sorted(name for name in {*digests, *again} if digests.get(name) != again.get(name))
        raise ReleaseError(f"two builds differ in {', '.join(different)}; find what depends on time, place or order")
    return digests


def check_contents(dist: Path) -> None:
    """Raise ReleaseError if an archive lacks a file that users need."""
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    _require(names, _WHEEL_MEMBERS, "the wheel")
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        _require({name.partition("/")[2] for name in sdist.getnames()}, _SDIST_MEMBERS, "the sdist")


def _require(names: set[str], members: tuple[str, ...], archive: str) -> None:
    missing = [member for member in members if member not in names]
    if missing:
        raise ReleaseError(f"{archive} lacks {', '.join(missing)}; check [tool.hatch.build] in pyproject.toml")


def _build(source: Path, destination: Path) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": _EPOCH, "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "build", "--outdir", str(destination), str(source)]
    subprocess.run(command, check=True, env=environment, capture_output=True)


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
