"""The store: durable, shared by processes, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from kling_voices import InvalidInputError
from kling_voices.callbacks import Claim, QueuedCallback, SQLiteStore, _sqlite

CALLBACK = QueuedCallback("id:1", "83", "succeed")
NOW = 1_800_000_000.0


def _number(number: int) -> QueuedCallback:
    return QueuedCallback(f"id:{number}", "83")


@pytest.fixture(params=["memory", "file"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Memory, or a new file."""
    return ":memory:" if request.param == "memory" else str(tmp_path / "callbacks.sqlite")


def test_a_callback_from_queue_to_done(path: str) -> None:
    """A callback is claimed by one process, released with its failure, claimed again, finished and remembered."""
    store = SQLiteStore(path)
    assert store.add(CALLBACK, limit=1, now=NOW) == "added"
    assert store.add(CALLBACK, limit=1, now=NOW) == "duplicate"
    assert store.queued() == ("id:1",)
    assert store.claim("id:1", now=NOW, lease=60) == Claim(CALLBACK)
    assert store.claim("id:1", now=NOW + 20, lease=60) == Claim(wait=40)
    failed = evolve(CALLBACK, attempts=1, failure="OSError: no")
    store.release(failed)
    assert store.claim("id:1", now=NOW + 20, lease=60) == Claim(failed)
    store.finish("id:1", remember=True)
    assert store.claim("id:1", now=NOW, lease=60) == Claim()
    assert store.queued() == ()
    assert store.add(CALLBACK, limit=1, now=NOW) == "duplicate"
    store.close()
    store.close()


def test_a_callback_that_is_not_remembered(path: str) -> None:
    """Its key can be queued again."""
    store = SQLiteStore(path)
    store.add(CALLBACK, limit=1, now=NOW)
    store.finish("id:1", remember=False)
    assert store.add(CALLBACK, limit=1, now=NOW) == "added"


def test_a_claim_ends_with_its_process(path: str) -> None:
    """A claim that was never ended can be taken over after the lease, also if the clock was set back."""
    store = SQLiteStore(path)
    store.add(CALLBACK, limit=1, now=NOW)
    store.claim("id:1", now=NOW, lease=60)
    assert store.claim("id:1", now=NOW - 3600, lease=60) == Claim(wait=60)
    assert store.claim("id:1", now=NOW + 60, lease=60) == Claim(CALLBACK)


def test_the_limit(path: str) -> None:
    """Only queued callbacks count: neither finished nor failed ones; a duplicate is distinguished from a full queue."""
    store = SQLiteStore(path)
    assert [store.add(_number(n), limit=2, now=NOW) for n in range(3)] == ["added", "added", "full"]
    assert store.add(_number(0), limit=2, now=NOW) == "duplicate"
    store.finish("id:0", remember=True)
    store.fail(evolve(_number(1), attempts=10, failure="no"))
    assert [store.add(_number(n), limit=2, now=NOW) for n in (2, 3, 4)] == ["added", "added", "full"]


def test_failed_callbacks(path: str) -> None:
    """They are kept with their failure, and can be queued again."""
    store = SQLiteStore(path)
    store.add(CALLBACK, limit=1, now=NOW)
    store.claim("id:1", now=NOW, lease=60)
    failed = evolve(CALLBACK, attempts=10, failure="OSError: no")
    store.fail(failed)
    assert (store.failed(), store.queued()) == ((failed,), ())
    assert store.claim("id:1", now=NOW + 60, lease=60) == Claim()
    assert store.retry_failed() == ("id:1",)
    assert store.claim("id:1", now=NOW, lease=60) == Claim(evolve(failed, attempts=0))
    assert (store.failed(), store.retry_failed()) == ((), ())


def test_states_that_were_passed_on(path: str) -> None:
    """They are remembered once."""
    store = SQLiteStore(path)
    assert not store.was_passed_on("83 succeed")
    store.mark_passed_on("83 succeed", now=NOW)
    store.mark_passed_on("83 succeed", now=NOW)
    assert store.was_passed_on("83 succeed")
    assert not store.was_passed_on("83 failed")


def test_the_store_does_not_grow_without_end(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old finished callbacks and states are forgotten; queued and failed ones never."""
    monkeypatch.setattr(_sqlite, "KEPT", 2)
    store = SQLiteStore(path)
    store.add(_number(0), limit=99, now=NOW)
    store.add(_number(1), limit=99, now=NOW)
    store.fail(_number(1))
    for number in range(2, 6):
        store.add(_number(number), limit=99, now=NOW)
        store.finish(f"id:{number}", remember=True)
        store.mark_passed_on(f"state {number}", now=NOW)
    assert store.add(_number(6), limit=99, now=NOW) == "added"
    results = [store.add(_number(number), limit=99, now=NOW) for number in (0, 1, 5, 2)]
    assert results == ["duplicate", "duplicate", "duplicate", "added"]
    assert [store.was_passed_on(f"state {number}") for number in range(2, 6)] == [False, False, True, True]


def test_a_file_survives_a_restart(tmp_path: Path) -> None:
    """Queued callbacks and the memory of duplicates are there after the file was opened again."""
    file = tmp_path / "callbacks.sqlite"
    store = SQLiteStore(file)
    for number in (1, 2):
        store.add(_number(number), limit=9, now=NOW)
    store.finish("id:1", remember=True)
    store.mark_passed_on("83 succeed", now=NOW)
    del store  # as when the process is killed: nothing was closed
    again = SQLiteStore(file)
    assert again.queued() == ("id:2",)
    assert again.add(_number(1), limit=9, now=NOW) == "duplicate"
    assert again.was_passed_on("83 succeed")


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    """What one queues, one of them claims."""
    first, second = SQLiteStore(tmp_path / "shared.sqlite"), SQLiteStore(tmp_path / "shared.sqlite")
    assert first.add(CALLBACK, limit=9, now=NOW) == "added"
    assert second.add(CALLBACK, limit=9, now=NOW) == "duplicate"
    assert second.claim("id:1", now=NOW, lease=60).callback == CALLBACK
    assert first.claim("id:1", now=NOW, lease=60).callback is None


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    """The error names the file and the reason."""
    file = tmp_path / "note.txt"
    file.write_text("this is not a database, but a note about one " * 20, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"note\.txt cannot be opened: file is not a database"):
        SQLiteStore(file)
    with pytest.raises(InvalidInputError, match="unable to open"):
        SQLiteStore(tmp_path / "missing" / "callbacks.sqlite")
