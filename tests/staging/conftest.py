"""One object store for all tests of a process; each test has a prefix of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.object_store import ObjectStore, running_store


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    pytest.importorskip("nanio", reason="the S3 server nanio is not installed")
    with running_store(tmp_path_factory.mktemp("s3") / "data") as store:
        yield store


@pytest.fixture
def store(_server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The server, empty, with its settings in the environment."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "KLING_STAGE"))]:
        monkeypatch.delenv(name)
    for name, value in _server.environment.items():
        monkeypatch.setenv(name, value)
    for name in _server.names():
        (_server.folder / "bucket" / name).unlink()
    return _server


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A file with some content; staging does not look into it."""
    path = tmp_path / "ada.wav"
    path.write_bytes(b"RIFF, as far as anybody looks")
    return path
