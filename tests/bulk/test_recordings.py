"""Batches of local recordings: checked, uploaded, and deleted again as soon as they are no longer needed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_voices import ConnectionFailedError, InvalidInputError, KlingVoices, VoiceRequest
from kling_voices._bulk import prepare
from kling_voices.mock import Fault, MockGateway, VirtualClock

from tests.support.batches import KEY, RecordingGateway, rows, run_batch, states
from tests.support.clients import IN_PROCESS, Kind

CREATE = "create_custom_voice"


class Preparation:
    """Replaces checking and uploading, and records its calls."""

    def __init__(self) -> None:
        self.uploads: dict[str, str] = {}  # URL → uploaded, discarded or released
        self.lock = threading.Lock()
        self.is_closed = False
        self.problem: Exception | None = None

    def prepare(self, file: Path) -> str:
        """Upload a file."""
        if self.problem is not None:
            raise self.problem
        url = f"https://bucket.example/{file.name}?X-Amz-Signature=secret"
        with self.lock:
            self.uploads[url] = "uploaded"
        return url

    def discard(self, url: str) -> None:
        """Delete an upload."""
        self.uploads[url] = "discarded"

    def release(self, url: str) -> None:
        """Keep an upload."""
        self.uploads[url] = "released"

    def close(self) -> None:
        """End."""
        self.is_closed = True


@pytest.fixture
def preparation(monkeypatch: pytest.MonkeyPatch) -> Preparation:
    """What the batch uses in place of an object store."""
    preparation = Preparation()
    monkeypatch.setattr(prepare, "open_preparation", lambda *_: preparation)
    return preparation


@pytest.fixture
def batch(tmp_path: Path) -> list[VoiceRequest]:
    """Requests with different recordings."""
    files = [tmp_path / f"{number}.wav" for number in range(6)]
    for file in files:
        file.write_bytes(file.name.encode())
    return [VoiceRequest(f"Voice {file.stem}", voice_file=file) for file in files]


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_uploads_are_deleted_when_their_tasks_have_finished(
    kind: Kind, preparation: Preparation, batch: list[VoiceRequest], ledger: Path
) -> None:
    """Each recording is uploaded once, its URL is sent, and nothing is left; a second run uploads nothing."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9, parallel_tasks=2)
    for _ in range(2):
        results = run_batch(kind, gateway, clock, batch, ledger, stage="s3://bucket/voices")
        assert states(results) == {"succeeded": 6}
    assert {task.body["voice_url"] for task in gateway.tasks} == set(preparation.uploads)
    assert set(preparation.uploads.values()) == {"discarded"}
    assert preparation.is_closed
    assert b"secret" not in ledger.read_bytes()
    assert {row["source"] for row in rows(ledger)} == {str(request.voice_file) for request in batch}


@pytest.mark.parametrize("kind", IN_PROCESS)
def test_a_recording_with_a_problem(
    kind: Kind, preparation: Preparation, batch: list[VoiceRequest], ledger: Path
) -> None:
    """It is refused before anything is sent for it."""
    preparation.problem = InvalidInputError("0.wav: the recording is too short")
    clock = VirtualClock()
    gateway = MockGateway(clock=clock)
    results = run_batch(kind, gateway, clock, batch, ledger, stage="s3://bucket/voices")
    assert states(results) == {"refused": 6}
    assert (gateway.tasks, str(results[0].error)) == ((), "0.wav: the recording is too short")


def test_an_object_store_that_cannot_be_reached(
    preparation: Preparation, batch: list[VoiceRequest], ledger: Path
) -> None:
    """Nothing is sent, and the next run tries again."""
    preparation.problem = ConnectionFailedError("the object store cannot be reached", request_sent=False)
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    results = run_batch("sync", gateway, clock, batch, ledger, stage="s3://bucket/voices")
    assert states(results) == {"skipped": 6}
    preparation.problem = None
    assert states(run_batch("sync", gateway, clock, batch, ledger, stage="s3://bucket/voices")) == {"succeeded": 6}


def test_uploads_that_may_still_be_fetched_are_kept(
    preparation: Preparation, batch: list[VoiceRequest], ledger: Path
) -> None:
    """After an unknown outcome the gateway may still need the recording."""
    clock = VirtualClock()
    gateway = RecordingGateway(MockGateway(clock=clock, creation_seconds=9))
    gateway.gateway.misbehave(Fault("reset_before", operation=CREATE, times=1))
    run_batch("sync", gateway, clock, batch, ledger, stage="s3://bucket/voices", parallel=1)
    assert sorted(preparation.uploads.values()) == ["discarded"] * 5 + ["released"]


def test_an_interrupted_batch_keeps_the_recordings_of_running_tasks(
    preparation: Preparation, batch: list[VoiceRequest], ledger: Path
) -> None:
    """After `break` the running tasks go on, so their recordings stay."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    http = httpx.Client(transport=httpx.MockTransport(gateway.handle))
    client = KlingVoices(KEY, gateway="mock", http_client=http, clock=clock)
    for _ in client.create_many(batch, ledger=ledger, stage="s3://bucket/voices", parallel=2):
        break
    assert preparation.is_closed
    running = {task.body["voice_url"] for task in gateway.tasks if task.created_at + 9 > clock.time()}
    assert running
    assert all(preparation.uploads[url] == "released" for url in running)


def test_an_uploader_of_the_caller(tmp_path: Path, ledger: Path) -> None:
    """Any object with `put` can upload; the recordings are checked first, in other processes."""
    recordings: Any = pytest.importorskip("tests.support.recordings")
    good, short = recordings.write(tmp_path / "good.wav"), recordings.write(tmp_path / "short.wav", recordings.tone(2))
    uploaded: list[Path] = []

    class Uploader:
        def put(self, path: Path, /) -> str:
            uploaded.append(path)
            return "https://files.example/good.wav"

    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=9)
    batch = [VoiceRequest("Ada", voice_file=good), VoiceRequest("Bob", voice_file=short)]
    results = run_batch("sync", gateway, clock, batch, ledger, stage=Uploader())
    assert {result.request.voice_name: result.state for result in results} == {"Ada": "succeeded", "Bob": "refused"}
    assert uploaded == [good]
    assert [task.body["voice_url"] for task in gateway.tasks] == ["https://files.example/good.wav"]
