"""Fresh external task ids: random UUIDs, made many at once.

Asking the system for chance costs several times what making the text costs, and either slows what comes after it.
"""

from __future__ import annotations

import os

_BYTES, _AT_ONCE = 16, 64
_made: list[str] = []


def fresh_id() -> str:
    """A random UUID (RFC 4122, version 4) that no other call, thread or process has."""
    try:
        return _made.pop()
    except IndexError:
        first, *others = _more()
        _made.extend(others)
        return first


def _more() -> list[str]:
    import uuid  # noqa: PLC0415 - it asks the platform what it is, which who only imports need not wait for

    drawn = os.urandom(_BYTES * _AT_ONCE)
    pieces = (drawn[start : start + _BYTES] for start in range(0, len(drawn), _BYTES))
    return [str(uuid.UUID(bytes=piece, version=4)) for piece in pieces]


if hasattr(os, "register_at_fork"):  # a child that went on with its parent's would give the same ids
    os.register_at_fork(after_in_child=_made.clear)
