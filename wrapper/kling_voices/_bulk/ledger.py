"""The ledger: the state of each request, in one SQLite file.

Transitions are collected in a transaction, and `commit` is called before any of them is acted on.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .._http.endpoint import Endpoint
from ..clock import Clock
from ..errors import KlingVoicesError
from ..models import VoiceTask
from .ledger_file import open_file, writing
from .records import error_from_json, error_to_json, task_from_json, task_to_json
from .transitions import FINAL, HELD, State, sources

LEASE = 30.0  # seconds after which another run may take over a request whose run gives no sign of life
RENEWAL = LEASE / 3  # seconds between signs of life


class Plan(NamedTuple):
    """A new request. `source` describes the audio for people, without signatures."""

    external_task_id: str
    fingerprint: str
    voice_name: str
    source: str


class Entry(NamedTuple):
    """A request as the ledger has it."""

    external_task_id: str
    fingerprint: str
    state: State
    task: VoiceTask | None
    error: KlingVoicesError | None
    owner: str | None
    lease_until: float


class Ledger:
    """One run's view of a ledger file. Several runs, also in several processes, may use the same file.

    A run owns a request from `intended` until its task has finished. Other runs leave it alone until the lease has
    expired, or the process of the owner is known to have ended.

    Args:
        path: The file; it is created if it does not exist.
        endpoint: The gateway and the key.
        clock: The time of leases.
        accept_new_key: Whether the ledger may have been written with another key.

    Raises:
        InvalidInputError: The file cannot be used as a ledger of this account.
    """

    def __init__(
        self,
        path: Path,
        endpoint: Endpoint,
        clock: Clock,
        *,
        accept_new_key: bool = False,
    ) -> None:
        self.path = path
        self._clock, self._api_key = clock, endpoint.api_key
        self._owner = f"{platform.node()}:{os.getpid()}:{uuid.uuid4()}"
        self._connection: sqlite3.Connection | None = open_file(path, endpoint, accept_new_key=accept_new_key)

    def plan(self, plans: Iterable[Plan]) -> None:
        """Enter requests as planned; those that are known stay as they are."""
        now = self._clock.time()
        rows = [(*plan, now) for plan in plans]
        statement = (
            "INSERT OR IGNORE INTO voices (external_task_id, fingerprint, voice_name, source, state, updated_at) "
            "VALUES (?, ?, ?, ?, 'planned', ?)"
        )
        rows = [row for row in rows if self.state(row[0]) is None]
        if rows:
            with self._transaction() as connection:
                connection.executemany(statement, rows)

    def get(self, external_task_id: str) -> Entry:
        """A request that was entered."""
        with writing(self.path):
            row = self._open.execute(
                "SELECT fingerprint, state, task, error, owner, lease_until FROM voices WHERE external_task_id = ?",
                (external_task_id,),
            ).fetchone()
        fingerprint, state, task_text, error_text, owner, lease_until = row
        try:
            task = task_from_json(task_text)
            error = error_from_json(error_text, external_task_id, task)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
            raise KlingVoicesError(
                f"The ledger {self.path} is damaged: the row of the external task id {external_task_id!r} is not "
                "readable. Nothing more is sent. Restore the file from a backup, or correct it."
            ) from problem
        return Entry(external_task_id, fingerprint, state, task, error, owner, lease_until)

    def state(self, external_task_id: str) -> State | None:
        """The state of a request; None if it was never entered."""
        with writing(self.path):
            row = self._open.execute(
                "SELECT state FROM voices WHERE external_task_id = ?", (external_task_id,)
            ).fetchone()
        return row[0] if row else None

    def advance(
        self,
        external_task_id: str,
        state: State,
        *,
        task: VoiceTask | None = None,
        error: KlingVoicesError | None = None,
    ) -> bool:
        """Make a transition. False if `state` cannot follow the present one, because another run was faster."""
        is_held = state in HELD
        values = (
            state,
            task and task.task_id,
            task and task.voice and task.voice.voice_id,
            task and task_to_json(task, self._api_key),
            error and error_to_json(error),
            self._owner if is_held else None,
            self._clock.time() + LEASE if is_held else 0,
            self._clock.time(),
            external_task_id,
            json.dumps(sorted(sources(state))),
        )
        statement = (
            "UPDATE voices SET state = ?, task_id = ?, voice_id = ?, task = ?, error = ?, owner = ?, lease_until = ?, "
            "updated_at = ? WHERE external_task_id = ? AND state IN (SELECT value FROM json_each(?))"
        )
        return self._update(statement, values)

    def is_held_by_another(self, entry: Entry) -> bool:
        """Whether another run that may be alive works on a request."""
        return (
            entry.state in HELD
            and entry.owner not in (None, self._owner)
            and entry.lease_until > self._clock.time()
            and not _has_ended(entry.owner or "")
        )

    def take_over(self, entry: Entry) -> bool:
        """Become the owner of a request whose run has ended. False if another run was faster."""
        statement = (
            "UPDATE voices SET owner = ?, lease_until = ? WHERE external_task_id = ? AND state = ? AND owner IS ?"
        )
        values = (self._owner, self._clock.time() + LEASE, entry.external_task_id, entry.state, entry.owner)
        return self._update(statement, values)

    def renew(self) -> None:
        """Give a sign of life for all requests of this run."""
        self._update("UPDATE voices SET lease_until = ? WHERE owner = ?", (self._clock.time() + LEASE, self._owner))

    def counts(self) -> dict[State, int]:
        """How many requests there are in each state."""
        with writing(self.path):
            return dict(self._open.execute("SELECT state, count(*) FROM voices GROUP BY state").fetchall())

    def commit(self) -> None:
        """Commit all transitions since the last commit. Nothing may be acted on before.

        One commit for several transitions matters, because each waits for the disk.
        """
        with writing(self.path):
            if self._open.in_transaction:
                self._open.execute("COMMIT")

    def close(self) -> None:
        """Release the requests of this run and close the file; a second time does nothing. Does not raise."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if connection.in_transaction:
                connection.execute("COMMIT")
            connection.execute("UPDATE voices SET owner = NULL, lease_until = 0 WHERE owner = ?", (self._owner,))
        except sqlite3.Error:  # the leases expire by themselves
            pass
        finally:
            connection.close()

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise KlingVoicesError(f"The ledger {self.path} is closed; start the batch again.")
        return self._connection

    def _update(self, statement: str, values: tuple[object, ...]) -> bool:
        with self._transaction() as connection:
            return connection.execute(statement, values).rowcount > 0

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection within a transaction, which `commit` ends."""
        with writing(self.path):
            if not self._open.in_transaction:
                self._open.execute("BEGIN IMMEDIATE")
            yield self._open


def is_final(entry: Entry) -> bool:
    """Whether nothing more is to be done for a request."""
    return entry.state in FINAL


def _has_ended(owner: str) -> bool:
    """Whether the owner is a process of this machine that no longer exists. On Windows that is left to the lease."""
    node, pid, _ = owner.rsplit(":", 2)
    if node != platform.node() or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
