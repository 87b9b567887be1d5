"""`batch` with recordings: the uploads that stay are named, with commands that delete them."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from kling_voices import ConnectionFailedError
from kling_voices.cli import _batch_stage
from kling_voices.cli._commands import app
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.staging import _store
from typer.testing import CliRunner

from tests.support.object_store import ObjectStore
from tests.support.recordings import tone, write

STAGE = "s3://bucket/voices"
UNKNOWN = (Fault("reset_after", operation="create_custom_voice"), Fault("reset_before", operation="get_custom_voice"))


def _manifest(folder: Path, recordings: int) -> Path:
    for number in range(recordings):
        write(folder / f"{number}.wav", tone(6, frequency=220.0 + number))
    path = folder / "m.csv"
    lines = "".join(f"Voice {number},{folder / f'{number}.wav'}\n" for number in range(recordings))
    path.write_text(f"voice_name,voice_file\n{lines}", encoding="utf-8")
    return path


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """One recording; more of them take longer, because processes check them in parallel."""
    return _manifest(tmp_path, 1)


def _run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _batch(manifest: Path, monkeypatch: pytest.MonkeyPatch, *faults: Fault) -> Any:
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, faults=faults)
    monkeypatch.setattr("kling_voices.mock.MockGateway", lambda: gateway)
    monkeypatch.setattr("kling_voices._sync_client.SystemClock", lambda: clock)
    monkeypatch.setattr("kling_voices._bulk.forecast.SystemClock", lambda: clock)
    ledger = manifest.with_name("l.sqlite")
    return _run("batch", manifest, "--ledger", ledger, "--gateway", "mock", "--stage", STAGE)


def _advised(output: str) -> list[list[str]]:
    """The arguments of the commands that delete uploads, as they can be pasted."""
    lines = (line.removeprefix("kling-voices: ") for line in output.splitlines())
    return [shlex.split(line)[1:] for line in lines if line.startswith("kling-voices unstage ")]


def _delete_as_advised(store: ObjectStore, output: str) -> None:
    for arguments in _advised(output):
        assert _run(*arguments).exit_code == 0
    assert store.names() == []


def test_nothing_stays(store: ObjectStore, manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After success nothing is left to delete, and nothing is said."""
    done = _batch(manifest, monkeypatch)
    assert (done.exit_code, store.names()) == (0, [])
    assert "unstage" not in done.output


def test_unknown_outcomes(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recordings of creates that may have been accepted stay, and the printed commands delete them."""
    monkeypatch.setattr(_batch_stage, "_URLS", 2)
    done = _batch(_manifest(tmp_path, 3), monkeypatch, *UNKNOWN)
    assert (done.exit_code, len(store.names())) == (4, 3)
    assert "recordings that stay in the object store: 3" in done.stderr
    assert [len(arguments) for arguments in _advised(done.stderr)] == [3, 2]
    assert "X-Amz" not in done.output
    _delete_as_advised(store, done.stderr)


def test_a_failed_deletion(store: ObjectStore, manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording that could not be deleted is named; the batch has succeeded nevertheless."""

    def fail(*_: object) -> None:
        raise ConnectionFailedError("The object store cannot be reached.", request_sent=False)

    with monkeypatch.context() as patch:
        patch.setattr(_store.Store, "delete", fail)
        done = _batch(manifest, monkeypatch)
    assert (done.exit_code, len(store.names())) == (0, 1)
    _delete_as_advised(store, done.stderr)


def test_an_interrupted_batch(store: ObjectStore, manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C the recordings of running tasks stay, and the printed commands delete them."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kling_voices.cli._batch.result_row", interrupt)
    done = _batch(manifest, monkeypatch)
    assert done.exit_code == 130
    assert len(_advised(done.stderr)) == bool(store.names())
    _delete_as_advised(store, done.stderr)
