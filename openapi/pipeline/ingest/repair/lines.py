"""The lines of a YAML text, and which of them belong to quoted scalars, block scalars and bracketed collections."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

_QUOTED = {'"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL), "'": re.compile(r"'(?:[^']|'')*'", re.DOTALL)}
_BLOCK_HEADER = re.compile(r"[|>](?:[+-]?[1-9]?|[1-9][+-])(?:\s+#.*)?$")
_NOTHING_BUT_A_COMMENT = re.compile(r"\s*$|\s+#")
# No `\s*` before the colon: it would take quadratic time.
_PLAIN_KEY = re.compile(r"(?![\"'\[\]{}#&*!|>%@`,]|[-?](?:\s|$))(?P<key>.*?):(?=\s|$)")
_QUOTED_KEY = re.compile(r"(?P<key>\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*')\s*:(?=\s|$)")
_UNUSUAL_KEY = re.compile(r"(?P<key>[*@%`][^\"'\s:]*):(?=\s|$)")
_LONGEST_VALUES = (1, 20, 5_000)  # lines; most values in brackets are short, and joining lines takes time


@frozen
class KeyMatch:
    """A key at the start of some text."""

    name: str
    end: int
    """Where its value begins."""
    needs_quotes: bool = False
    """Whether YAML would read it as something else, such as `*/*` as an alias."""


def indentation(line: str) -> int:
    """How many spaces the line begins with."""
    return len(line) - len(line.lstrip(" "))


def is_blank(line: str) -> bool:
    """Whether the line is empty or only has a comment."""
    return not line.strip() or line.lstrip().startswith("#")


def match_key(content: str) -> KeyMatch | None:
    """The key that the text begins with, or None."""
    unusual = _UNUSUAL_KEY.match(content)
    if unusual:
        return KeyMatch(unusual["key"], unusual.end(), needs_quotes=True)
    found = _QUOTED_KEY.match(content) or _PLAIN_KEY.match(content)
    if not found:
        return None
    name = found["key"].rstrip()
    return KeyMatch(name[1:-1] if name[:1] in _QUOTED else name, found.end())


def is_block_header(value: str) -> bool:
    """Whether a value such as `|-` or `>2` begins a block scalar."""
    return bool(_BLOCK_HEADER.match(value))


def last_of_indented(lines: Sequence[str], first: int, indent: int) -> int:
    """The last line of a value that begins on line `first`: the lines below that are indented deeper than `indent`."""
    last = first
    for number in range(first + 1, len(lines)):
        if lines[number].strip():
            if indentation(lines[number]) <= indent:
                break
            last = number
    return last


def last_of_quoted(lines: Sequence[str], first: int, column: int, indent: int) -> int | None:
    """The last line of a quoted scalar; None if it is not closed, or if text follows it."""
    last = last_of_indented(lines, first, indent)
    text = "\n".join([lines[first][column:], *lines[first + 1 : last + 1]])
    found = _QUOTED[text[0]].match(text)
    if not found or not _ends_there(text, found.end()):
        return None
    return first + text.count("\n", 0, found.end())


def end_of_brackets(lines: Sequence[str], first: int, column: int) -> tuple[int, str] | None:
    """The last line of a collection in brackets, and the comment behind it.

    None if a bracket is not closed, or if text follows the last one.
    """
    for longest in _LONGEST_VALUES:
        text = "\n".join([lines[first][column:], *lines[first + 1 : first + longest]])
        position = _closing_bracket(text)
        if position is not None:
            rest = text[position:].partition("\n")[0]
            last = first + text.count("\n", 0, position)
            return (last, rest.strip()) if _ends_there(text, position) else None
    return None


def _closing_bracket(text: str) -> int | None:
    """The position behind the bracket that closes the first one; None if nothing closes it."""
    depth = position = 0
    while position < len(text):
        character = text[position]
        if character in _QUOTED and text[position - 1] in " \n\t[{,:":
            quoted = _QUOTED[character].match(text, position)
            if not quoted:
                return None
            position = quoted.end()
            continue
        depth += (character in "[{") - (character in "]}")
        position += 1
        if depth == 0:
            return position
    return None


def _ends_there(text: str, end: int) -> bool:
    return bool(_NOTHING_BUT_A_COMMENT.match(text[end:].partition("\n")[0]))
