"""Fresh external task ids: random UUIDs, whose chance is asked of the system for many at once.

Asking it costs several times what making the text costs, and slows what comes after it.
"""

from __future__ import annotations

import os
import uuid

_BYTES, _AT_ONCE = 16, 256
_drawn: list[bytes] = []


def fresh_id() -> str:
    """A random UUID (RFC 4122, version 4) that no other call, thread or process has."""
    try:
        drawn = _drawn.pop()
    except IndexError:
        more = os.urandom(_BYTES * _AT_ONCE)
        _drawn.extend(more[start : start + _BYTES] for start in range(_BYTES, len(more), _BYTES))
        drawn = more[:_BYTES]
    return str(uuid.UUID(bytes=drawn, version=4))


if hasattr(os, "register_at_fork"):  # a child that went on with its parent's would give the same ids
    os.register_at_fork(after_in_child=_drawn.clear)
