"""The orders of the service, in SQLite."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    order_id TEXT PRIMARY KEY,
    voice_name TEXT NOT NULL,
    status TEXT NOT NULL,
    voice_id TEXT,
    message TEXT
)
"""


@dataclass(frozen=True)
class Order:
    """An order for one voice.

    Attributes:
        order_id: Also the external task id of the create, so that callbacks and lookups lead back to the order.
        voice_name: The name of the voice.
        status: `ordered`, `ready`, `failed`, or `rejected`.
        voice_id: The id of the voice, once it is ready.
        message: Why there is no voice.
    """

    order_id: str
    voice_name: str
    status: str = "ordered"
    voice_id: str | None = None
    message: str | None = None


class Orders:
    """All orders. Safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._execute(_SCHEMA)

    def get(self, order_id: str) -> Order | None:
        """The order, or None."""
        fields = "order_id, voice_name, status, voice_id, message"
        rows = self._execute(f"SELECT {fields} FROM orders WHERE order_id = ?", order_id)  # noqa: S608 - constant
        return Order(*rows[0]) if rows else None

    def put(self, order: Order) -> None:
        """Add or replace an order."""
        values = (order.order_id, order.voice_name, order.status, order.voice_id, order.message)
        self._execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)", *values)

    def _execute(self, statement: str, *values: str | None) -> list[tuple[str, ...]]:
        with self._lock, closing(sqlite3.connect(self._file)) as database, database:
            return database.execute(statement, values).fetchall()
