"""The error of a document that cannot be used: one sentence with the file, the line, the cause and a remedy."""

from __future__ import annotations

LONGEST = 165  # characters; the command line adds its own name and "nothing was changed", and stays below 200
_LONGEST_NAME = 48


class DocumentError(Exception):
    """A document that cannot be used; the message names the document and the place."""


def refusal(name: str, reason: str, line: int | None = None) -> DocumentError:
    """The error that refuses a page.

    Args:
        name: Of the page.
        reason: What is wrong, where, and what to do; without a full stop at the end.
        line: The line of the file, counted from 1, if the reason is at a line.
    """
    shown = name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
    place = f"{shown}, line {line}" if line is not None else shown
    return DocumentError(shorten(f"{place}: {reason}", LONGEST))


def shorten(text: str, longest: int) -> str:
    """The text on one line, cut with an ellipsis if it is longer than `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
