"""Checking that an existing ledger is undamaged, before anything is sent."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import get_args

from ..errors import InvalidInputError
from .transitions import State

_TASK = "task IS NOT NULL AND task != ''"
_ERROR = "error IS NOT NULL AND error != ''"
# Each problem, and the condition for it. A condition is only evaluated for rows without the problems before it.
_PROBLEMS = {
    "no external task id": "typeof(external_task_id) != 'text' OR external_task_id = ''",
    "no fingerprint": "typeof(fingerprint) != 'text'",
    "an unknown state": "state IS NULL OR state NOT IN (SELECT value FROM json_each(:states))",
    "a task that is not readable JSON": f"{_TASK} AND NOT json_valid(task)",
    "a task without its fields": f"{_TASK} AND (json_type(task, '$.voices') IS NOT 'array' "
    "OR json_type(task, '$.charges') IS NOT 'array')",
    "no task, although its state says that there is one": f"state IN ('accepted', 'succeeded', 'failed') AND NOT "
    f"({_TASK})",
    "an error that is not readable JSON": f"{_ERROR} AND NOT json_valid(error)",
    "an error without its fields": f"{_ERROR} AND (json_type(error, '$.type') IS NOT 'text' "
    "OR json_type(error, '$.message') IS NOT 'text')",
    "an owner that names no process": "owner IS NOT NULL AND owner NOT LIKE '%:%:%'",
    "no time of its lease": "typeof(lease_until) NOT IN ('real', 'integer')",
}
_CASES = " ".join(f"WHEN {condition} THEN '{problem}'" for problem, condition in _PROBLEMS.items())
_STATEMENT = f"""
SELECT * FROM (SELECT rowid AS number, external_task_id, state, CASE {_CASES} END AS problem FROM voices)
WHERE problem IS NOT NULL LIMIT 1
"""  # noqa: S608 - made of constants
_ADVICE = (
    "nothing was sent; restore the file from a backup, or correct it; with a new ledger, voices that exist could be "
    "charged again"
)


def check_undamaged(path: Path, connection: sqlite3.Connection) -> None:
    """Raise InvalidInputError if the file or a row is damaged; the message names the row."""
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        row = connection.execute(_STATEMENT, {"states": json.dumps(get_args(State))}).fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not str(error).startswith("no such"):
            raise  # locked, or not readable
        raise damaged(path, f"is damaged ({error})") from None
    if row is not None:
        number, external_task_id, state, problem = row
        raise damaged(
            path, f"is damaged: row {number} (external task id {external_task_id!r}, state {state!r}) has {problem}"
        )
    if verdict != "ok":
        raise damaged(path, f"is damaged ({' '.join(str(verdict).split())})")


def damaged(path: Path, problem: str) -> InvalidInputError:
    """The error of a damaged ledger."""
    return InvalidInputError(f"the ledger {path} {problem}; {_ADVICE}")
