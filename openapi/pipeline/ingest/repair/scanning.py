"""Find the unquoted scalars of a YAML text, line by line. The text is not parsed as YAML, because it may be invalid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from ...spec.limits import DEEPEST, TOO_DEEP
from . import lines as text_lines
from .positions import ROOT, Policy, Position, below, item, policy
from .quoting import quoted

_DASH = re.compile(r"-(?: +|$)")
_DIRECTIVE = re.compile(r"%YAML|---(?:\s|$)|\.\.\.\s*$")


class ScanError(Exception):
    """A line that quotes alone cannot repair; the message says why, and what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line  # counted from 0


@frozen
class Scalar:
    """An unquoted scalar, or one that begins with a quote or a bracket and is broken."""

    first: int
    """The line on which it begins, counted from 0."""
    last: int
    column: int
    key: str
    """The key that it is the value of; empty for an item of a list."""
    policy: Policy


@frozen
class _Level:
    indent: int
    is_list: bool
    position: Position


class Scanner:
    """Walks through the lines with a stack of the mappings and lists that are open."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._levels: list[_Level] = []
        self._next = ROOT
        self._line = 0

    def scalars(self) -> Iterator[Scalar]:
        """Each scalar that may need a repair. Raises ScanError."""
        while self._line < len(self._lines):
            number = self._line
            self._line += 1
            line = self._lines[number]
            if text_lines.is_blank(line) or _DIRECTIVE.match(line):
                continue
            indent = text_lines.indentation(line)
            if line[indent] == "\t":
                raise ScanError(number, "a tab indents the line; replace it by spaces")
            yield from self._content(number, indent, parent=indent - 1)

    def _content(self, number: int, column: int, parent: int) -> Iterator[Scalar]:
        """Parse a line from a column on; `parent`: the indentation that its value must exceed."""
        content = self._lines[number][column:]
        dash = _DASH.match(content)
        if dash:
            level = self._open(column, is_list=True)
            self._next = item(level.position)
            rest = column + dash.end()
            if content[dash.end() :].strip():
                yield from self._item(number, rest, column, level)
            return
        key = text_lines.match_key(content)
        if key is None:
            yield from self._unknown(number, column, parent)
            return
        if key.needs_quotes:
            yield Scalar(number, number, column, key.name, Policy.KEY)
        level = self._open(column, is_list=False)
        self._next = below(level.position, key.name, is_root=len(self._levels) == 1)
        found = policy(level.position, key.name)
        yield from self._value(number, column + key.end, column, key.name, found)

    def _item(self, number: int, column: int, indent: int, level: _Level) -> Iterator[Scalar]:
        content = self._lines[number][column:]
        items = level.position.items
        starts_a_collection = _DASH.match(content) or text_lines.match_key(content)
        if starts_a_collection and items is not Policy.TEXT:
            if items is Policy.CHOICE:
                text = content.strip()
                advice = f"write {quoted([text])[0]}" if len(text) <= 60 else "quote it"
                raise ScanError(number, f"the item can be a mapping or a text; {advice} if it is a text")
            yield from self._content(number, column, parent=indent)
            return
        yield from self._value(number, column, indent, "", items)

    def _unknown(self, number: int, column: int, parent: int) -> Iterator[Scalar]:
        """A line without key: a document in brackets, or a line for which YAML will report an error."""
        if self._lines[number][column] in "[{":
            end = text_lines.end_of_brackets(self._lines, number, column)
            self._line = (end[0] if end else number) + 1
        elif self._levels:
            self._line = text_lines.last_of_indented(self._lines, number, parent) + 1
        yield from ()

    def _value(self, number: int, column: int, indent: int, key: str, found: Policy) -> Iterator[Scalar]:
        line = self._lines[number]
        column += len(line[column:]) - len(line[column:].lstrip(" "))
        value = line[column:].rstrip()
        if value[:1] == "\t":
            raise ScanError(number, f"a tab follows {key or '-'!r}; replace it by a space")
        below_it = text_lines.last_of_indented(self._lines, number, indent)
        if not value:
            yield from self._on_the_next_lines(number, len(line), below_it, key, found)
        elif text_lines.is_block_header(value):
            if below_it == number:
                raise ScanError(number, f"{value!r} begins a block that has no lines; quote it if it is a text")
            self._line = below_it + 1
        elif value[0] in "\"'":
            yield from self._quoted(number, column, indent, key, found)
        elif value[0] in "[{" and found not in {Policy.PROSE, Policy.TEXT}:
            yield from self._brackets(number, column, key, found)
        elif value[0] == "#" and found in {Policy.KEYWORD, Policy.VALUE} and self._has_children(number, indent):
            pass  # a comment behind the key of a mapping or list
        else:
            self._line = below_it + 1
            yield Scalar(number, below_it, column, key, found)

    def _has_children(self, number: int, indent: int) -> bool:
        """Whether a mapping or list follows the key on this line; a list may be indented like its key."""
        below = (self._lines[each] for each in range(number + 1, len(self._lines)))
        following = next((line for line in below if not text_lines.is_blank(line)), "")
        column = text_lines.indentation(following)
        return column > indent or (column == indent and bool(_DASH.match(following[column:])))

    def _on_the_next_lines(self, number: int, end: int, last: int, key: str, found: Policy) -> Iterator[Scalar]:
        """A value that does not begin on the line of its key."""
        if found not in {Policy.PROSE, Policy.TEXT}:
            return
        starts = next((n for n in range(number + 1, last + 1) if self._lines[n].strip()), None)
        self._line = last + 1
        if starts is None:
            yield Scalar(number, number, end, key, found)
            return
        column = text_lines.indentation(self._lines[starts])
        first = self._lines[starts][column]
        if first in "\"'":
            yield from self._quoted(starts, column, column - 1, key, found)
        else:
            yield Scalar(starts, last, column, key, found)

    def _quoted(self, number: int, column: int, indent: int, key: str, found: Policy) -> Iterator[Scalar]:
        last = text_lines.last_of_quoted(self._lines, number, column, indent)
        if last is None:
            last = text_lines.last_of_indented(self._lines, number, indent)
            yield Scalar(number, last, column, key, found)
        self._line = last + 1

    def _brackets(self, number: int, column: int, key: str, found: Policy) -> Iterator[Scalar]:
        end = text_lines.end_of_brackets(self._lines, number, column)
        is_template = self._lines[number].startswith("{{", column)
        is_cut = end is not None and bool(end[1]) and found is not Policy.KEYWORD
        if end is None or is_template or is_cut:
            yield Scalar(number, number if end is None else end[0], column, key, found)
        self._line = (end[0] if end else number) + 1

    def _open(self, indent: int, *, is_list: bool) -> _Level:
        """The mapping or list at this indentation: one that is open, else a new one."""
        while self._levels and self._levels[-1].indent > indent:
            self._levels.pop()
        if self._levels and self._levels[-1].indent == indent and self._levels[-1].is_list and not is_list:
            self._levels.pop()
        top = self._levels[-1] if self._levels else None
        if top is None or top.indent < indent or top.is_list != is_list:
            if len(self._levels) > DEEPEST:
                raise ScanError(self._line - 1, TOO_DEEP)
            self._levels.append(_Level(indent, is_list, self._next))
        return self._levels[-1]
