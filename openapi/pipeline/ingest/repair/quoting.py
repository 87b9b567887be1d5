"""Put the lines of a scalar into quotes."""

from __future__ import annotations

from collections.abc import Sequence


def quoted(pieces: Sequence[str]) -> list[str]:
    """The lines of a scalar in the quotes that need the least change."""
    if any(sign in piece for piece in pieces for sign in ('"', "\\")):
        inner, quote = [piece.replace("'", "''") for piece in pieces], "'"
    else:
        inner, quote = [piece.replace("\t", "\\t") for piece in pieces], '"'
    return [
        f"{quote if number == 0 else ''}{piece}{quote if number == len(inner) - 1 else ''}"
        for number, piece in enumerate(inner)
    ]
