"""A local path as --voice-url: the message names options that work when they are followed literally."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from kling_voices.mock import MockGateway

from .running import VOICE, run

pytest.importorskip("nanio", reason="the S3 server nanio is not installed")
pytest.importorskip("obstore", reason="the extra `stage` is not installed")
pytest.importorskip("av", reason="the extra `audio` is not installed")

from tests.support import object_store, recordings


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object_store.ObjectStore]:
    """An S3 server on this machine."""
    with object_store.running_store(tmp_path_factory.mktemp("s3") / "data") as store:
        yield store


@pytest.mark.parametrize("prefix", ["", "./", "file:"])
def test_a_local_file_as_url(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    gateway: MockGateway,
    store: object_store.ObjectStore,
    prefix: str,
) -> None:
    """The path is reported before anything is sent; the advised options upload the file and create the voice."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    recordings.write(tmp_path / "my voice.wav")
    done = run("create", "Ada", "--voice-url", f"{prefix}my voice.wav", "--gateway", "mock", "--json")
    assert (done.exit_code, gateway.tasks) == (2, ())
    assert "is a local file, which the gateway cannot fetch" in json.loads(done.stdout)["error"]["message"]
    advised = done.stderr.partition("use instead: ")[2].partition(",")[0].replace("URL", "s3://bucket/voices")
    created = run("create", "Ada", *shlex.split(advised), "--gateway", "mock", "--wait")
    assert (created.exit_code, created.stdout) == (0, f"{VOICE}\n"), created.stderr
    assert store.names() == []
