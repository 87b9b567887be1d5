"""Opening a ledger file: its schema, its version, and the account that it belongs to."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .._http.endpoint import Endpoint
from ..errors import InvalidInputError, KlingVoicesError
from .ledger_check import check_undamaged, damaged

SCHEMA_VERSION = 1
SYNCHRONOUS = "EXTRA"  # a commit survives a power failure
_APPLICATION_ID = 0x4B4C4956  # marks a SQLite file as a ledger of this package
_BUSY_TIMEOUT = 30.0  # seconds to wait for another process that writes; a write takes milliseconds

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE account (
    gateway TEXT NOT NULL,
    key_salt BLOB NOT NULL,
    key_digest BLOB NOT NULL
);
CREATE TABLE voices (
    external_task_id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    voice_name TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('planned', 'intended', 'accepted', 'succeeded', 'failed', 'refused', 'unknown')
    ),
    task_id TEXT,
    voice_id TEXT,
    task TEXT,
    error TEXT,
    owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0,
    updated_at REAL NOT NULL
);
CREATE INDEX held ON voices (owner) WHERE owner IS NOT NULL;
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


def open_file(path: Path, endpoint: Endpoint, *, accept_new_key: bool) -> sqlite3.Connection:
    """A connection to the ledger at `path`, which is created if it does not exist.

    The journal is a rollback journal, because write-ahead logging does not work on network file systems.

    Raises InvalidInputError if the file cannot be used as a ledger of this account; nothing was sent.
    """
    with opening(path):
        connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
            if _is_empty(connection):
                _create(connection)
            _check_version(path, connection)
            check_undamaged(path, connection)
            _check_account(path, connection, endpoint, accept_new_key=accept_new_key)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Turn errors of SQLite while a ledger is opened into InvalidInputError."""
    try:
        yield
    except sqlite3.Error as error:
        if path.is_dir():
            problem = "is a directory; pass the path of a file"
        elif not path.parent.is_dir():
            problem = f"cannot be created, because the directory {path.parent} does not exist; create it"
        elif "malformed" in str(error) or "no such table" in str(error):
            raise damaged(path, f"is damaged ({error})") from None
        elif "not a database" in str(error):
            problem = "is not a ledger; pass the path of a ledger or of a new file"
        elif "readonly" in str(error) or "unable to open" in str(error):
            problem = "cannot be written; make the file and its directory writable, or pass another path"
        else:
            problem = f"cannot be opened ({error}); correct the cause, or pass another path"
        raise InvalidInputError(f"the ledger {path} {problem}") from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn errors of SQLite during a batch into KlingVoicesError."""
    try:
        yield
    except sqlite3.Error as error:
        raise KlingVoicesError(
            f"The ledger {path} cannot be written: {error}. Nothing more is sent. Correct the cause, and run the "
            "batch again with the same ledger: it continues, and sends no create twice."
        ) from error


def _is_empty(connection: sqlite3.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _create(connection: sqlite3.Connection) -> None:
    try:
        connection.executescript(_SCHEMA)
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.rollback()
        if _is_empty(connection):  # else another process has created it in the meantime
            raise


def _check_version(path: Path, connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
        raise InvalidInputError(
            f"the ledger {path} is an SQLite database of another program; pass the path of a ledger, or of a new file"
        )
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise InvalidInputError(
            f"the ledger {path} was written by a newer version of kling-voices (schema {version}; this version reads "
            f"up to {SCHEMA_VERSION}); upgrade kling-voices"
        )


def _check_account(path: Path, connection: sqlite3.Connection, endpoint: Endpoint, *, accept_new_key: bool) -> None:
    """Compare the gateway and the key with those of the ledger; a new ledger takes them. Proves that it is writable."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        with closing(connection.execute("SELECT gateway, key_salt, key_digest FROM account")) as rows:
            account = rows.fetchone()
        if account is not None and account[0] != endpoint.base_url:
            raise InvalidInputError(
                f"the ledger {path} belongs to the gateway {account[0]}, not to {endpoint.base_url}; pass that "
                "gateway, or another ledger"
            )
        if account is not None and account[2] != _digest(endpoint.api_key, account[1]):
            if not accept_new_key:
                raise InvalidInputError(
                    f"the ledger {path} was written with another API key, which may belong to another "
                    "account; pass that key, or another ledger. If the new key belongs to the same account, pass "
                    "accept_new_key (--accept-new-key)"
                )
            connection.execute("DELETE FROM account")
            account = None
        if account is None:
            salt = os.urandom(16)
            row = (endpoint.base_url, salt, _digest(endpoint.api_key, salt))
            connection.execute("INSERT INTO account VALUES (?, ?, ?)", row)
        else:
            connection.execute("UPDATE account SET gateway = gateway")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _digest(api_key: str, salt: bytes) -> bytes:
    """A slow digest, from which the key cannot be found."""
    return hashlib.scrypt(api_key.encode(), salt=salt, n=2**12, r=8, p=1, dklen=32)
