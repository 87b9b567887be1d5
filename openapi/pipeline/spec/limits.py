"""The limits for a page. A real page has about 4 kB, 135 values and 19 levels at most; reading a larger one takes time.

The limits leave room for all operations of a gateway in one document.
"""

from __future__ import annotations

MOST_BYTES = 1_000_000
MOST_NODES = 20_000  # mappings, lists and scalars
DEEPEST = 60  # levels

TOO_MANY_NODES = f"more than {MOST_NODES} values; split the page, so that each part describes fewer operations"
TOO_DEEP = f"nested deeper than {DEEPEST} levels, or an alias within itself; a page must be flatter"


def too_large(size: int | None = None) -> str:
    """What is wrong with a page of too many bytes; None if only the limit is known to be exceeded."""
    found = "larger" if size is None else f"{size} bytes, larger"
    return f"{found} than {MOST_BYTES} bytes, which is the limit for a page; split it"
