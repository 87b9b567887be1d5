"""The queue of callbacks in an SQLite database: a file that survives restarts, or memory."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import InvalidInputError
from ._queue import AddResult, Claim, QueuedCallback

KEPT = 100_000  # callbacks and states that are remembered, so that duplicates are recognized; about 10 MB

_SCHEMA = """
CREATE TABLE IF NOT EXISTS callbacks (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    task_id TEXT NOT NULL,
    status TEXT,
    state TEXT NOT NULL DEFAULT 'queued',  -- queued, done or failed
    attempts INTEGER NOT NULL DEFAULT 0,
    failure TEXT,
    received_at REAL NOT NULL,
    claimed_until REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS callbacks_by_state ON callbacks (state, number);
CREATE TABLE IF NOT EXISTS passed_on (
    number INTEGER PRIMARY KEY,
    state TEXT NOT NULL UNIQUE,
    passed_on_at REAL NOT NULL
);
"""
_FIELDS = "key, task_id, status, attempts, failure"


class SQLiteStore:
    """A store in an SQLite file, which several processes on one machine may share.

    Args:
        path: The file, which is created if it does not exist. `":memory:"`: nothing survives the end of the process.

    Raises:
        InvalidInputError: The file cannot be opened, or is not a database.
    """

    def __init__(self, path: str | os.PathLike[str] = ":memory:") -> None:
        self._lock = threading.Lock()
        try:
            # Autocommit: transactions begin and end where this module says so.
            self._database = sqlite3.connect(path, timeout=10.0, isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.executescript(_SCHEMA)
            weakref.finalize(self, self._database.close)  # an app that is not closed leaves no warning
        except sqlite3.Error as error:
            raise InvalidInputError(f"the store {os.fspath(path)} cannot be opened: {error}") from None

    def add(self, callback: QueuedCallback, *, limit: int, now: float) -> AddResult:
        """Queue a callback durably, unless its key is known, or `limit` callbacks are queued already."""
        with self._transaction() as execute:
            if execute("SELECT 1 FROM callbacks WHERE key = ?", callback.key).fetchone():
                return "duplicate"
            (count,) = execute("SELECT count(*) FROM callbacks WHERE state = 'queued'").fetchone()
            if count >= limit:
                return "full"
            execute(
                "INSERT INTO callbacks (key, task_id, status, received_at) VALUES (?, ?, ?, ?)",
                *(callback.key, callback.task_id, callback.status, now),
            )
            execute(
                "DELETE FROM callbacks WHERE state = 'done' AND number <= (SELECT max(number) FROM callbacks) - ?", KEPT
            )
        return "added"

    def claim(self, key: str, *, now: float, lease: float) -> Claim:
        """Reserve a queued callback for this process, for `lease` seconds at most."""
        with self._transaction() as execute:
            found = execute(
                f"SELECT claimed_until, {_FIELDS} FROM callbacks WHERE key = ? AND state = 'queued'",  # noqa: S608
                key,
            ).fetchone()
            if not found:
                return Claim()
            if found[0] > now:
                return Claim(wait=min(found[0] - now, lease))  # at most a lease, even if the clock was set back
            execute("UPDATE callbacks SET claimed_until = ? WHERE key = ?", now + lease, key)
        return Claim(QueuedCallback(*found[1:]))

    def release(self, callback: QueuedCallback) -> None:
        """End a claim without success, and save the attempts and the failure of `callback`."""
        self._end(callback, "queued")

    def finish(self, key: str, *, remember: bool) -> None:
        """End a claim with success. With `remember`, later callbacks with the same key are duplicates."""
        with self._transaction() as execute:
            if remember:
                execute("UPDATE callbacks SET state = 'done', failure = NULL WHERE key = ?", key)
            else:
                execute("DELETE FROM callbacks WHERE key = ?", key)

    def fail(self, callback: QueuedCallback) -> None:
        """End a claim for good after too many attempts, and keep the callback among the failed ones."""
        self._end(callback, "failed")

    def queued(self) -> tuple[str, ...]:
        """The keys of the queued callbacks, claimed or not, oldest first."""
        with self._transaction() as execute:
            rows = execute("SELECT key FROM callbacks WHERE state = 'queued' ORDER BY number").fetchall()
        return tuple(key for (key,) in rows)

    def failed(self) -> tuple[QueuedCallback, ...]:
        """The callbacks that failed for good, oldest first."""
        with self._transaction() as execute:
            rows = execute(f"SELECT {_FIELDS} FROM callbacks WHERE state = 'failed' ORDER BY number").fetchall()  # noqa: S608
        return tuple(QueuedCallback(*row) for row in rows)

    def retry_failed(self) -> tuple[str, ...]:
        """Queue the failed callbacks again, with no attempts made, and return their keys."""
        with self._transaction() as execute:
            rows = execute("SELECT key FROM callbacks WHERE state = 'failed' ORDER BY number").fetchall()
            execute("UPDATE callbacks SET state = 'queued', attempts = 0, claimed_until = 0 WHERE state = 'failed'")
        return tuple(key for (key,) in rows)

    def was_passed_on(self, state: str) -> bool:
        """Whether `mark_passed_on` was called with this state of a task."""
        with self._transaction() as execute:
            return bool(execute("SELECT 1 FROM passed_on WHERE state = ?", state).fetchone())

    def mark_passed_on(self, state: str, *, now: float) -> None:
        """Record that this state of a task was passed to the handler."""
        with self._transaction() as execute:
            execute("INSERT OR IGNORE INTO passed_on (state, passed_on_at) VALUES (?, ?)", state, now)
            execute("DELETE FROM passed_on WHERE number <= (SELECT max(number) FROM passed_on) - ?", KEPT)

    def close(self) -> None:
        """Close the database; a second time does nothing."""
        with self._lock:
            self._database.close()

    def _end(self, callback: QueuedCallback, state: str) -> None:
        with self._transaction() as execute:
            execute(
                "UPDATE callbacks SET state = ?, attempts = ?, failure = ?, claimed_until = 0 WHERE key = ?",
                *(state, callback.attempts, callback.failure, callback.key),
            )

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        def execute(statement: str, *values: object) -> sqlite3.Cursor:
            return self._database.execute(statement, values)

        with self._lock:
            execute("BEGIN IMMEDIATE")
            try:
                yield execute
            except BaseException:
                execute("ROLLBACK")
                raise
            execute("COMMIT")
