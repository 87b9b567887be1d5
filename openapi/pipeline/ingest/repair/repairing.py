"""Quote the plain scalars of a YAML text that cannot be read without quotes.

The result depends on the text alone, and a repaired text needs no repair. Each scalar is judged by itself:

- OpenAPI allows only a string at some keys (`description`, `summary`, `name`, …). There the line is the text, and it
  is quoted if YAML reads something else, such as the list `[0, 2]`.
- Anywhere else YAML decides, and only a value that YAML refuses is quoted.
- A value with two possible meanings is refused: a text that ` #` cuts, a list item with `: ` in an enumeration, a
  quotation mark that nothing closes, lines that can be a text or a structure.

Block scalars, complete quoted scalars and collections in brackets are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from ...spec.limits import MOST_NODES, TOO_MANY_NODES
from ...spec.refusals import refusal
from .judging import needs_quotes
from .positions import Policy
from .quoting import quoted
from .scanning import Scalar, ScanError, Scanner

_LINE_END = re.compile(r"(\r\n|\r|\n)")
_ANCHOR = re.compile(r"(?:^|[\s\[{,])&([^\s\[\]{},]+)")
_ALIAS = re.compile(r"(?:^|[\s\[{,])\*([^\s\[\]{},]+)")
_BREAKS = re.compile("[\u0085\u2028\u2029]")


@frozen
class Repair:
    """A line that was repaired."""

    line: int
    """Of the file, counted from 1."""
    before: str
    after: str

    def __str__(self) -> str:
        """One line for a report."""
        return f"line {self.line} repaired: {self.before.strip()} → {self.after.strip()}"


@frozen
class Repaired:
    """A text that can be read as YAML, as far as quotes are concerned, and what was changed."""

    text: str
    repairs: tuple[Repair, ...]


def repair(text: str, name: str, first_line: int = 1) -> Repaired:
    """Quote the scalars that need it.

    Args:
        text: The YAML.
        name: Of the page, for the refusal.
        first_line: The line of the file on which the text begins, counted from 1.

    Raises:
        DocumentError: If a line has more than one reading, or if quoting is not enough. The error names the line of
            the file, the reason and a correction.
    """
    pieces = _LINE_END.split(text)
    lines, ends = pieces[::2], [*pieces[1::2], ""]
    repaired = list(lines)
    try:
        anchors, aliases = frozenset(_ANCHOR.findall(text)), frozenset(_ALIAS.findall(text))
        found = [each for each in _scalars(lines) if needs_quotes(each, lines, anchors, aliases)]
        for scalar in reversed(found):  # so that the columns of a key and its value on one line stay right
            _quote(repaired, scalar)
    except ScanError as error:
        raise refusal(name, str(error), first_line + error.line) from None
    changed = tuple(
        Repair(first_line + number, old, new)
        for number, (old, new) in enumerate(zip(lines, repaired, strict=True))
        if old != new
    )
    return Repaired("".join(line + end for line, end in zip(repaired, ends, strict=True)), changed)


def _scalars(lines: Sequence[str]) -> Iterator[Scalar]:
    for count, scalar in enumerate(Scanner(lines).scalars()):
        if count == 2 * MOST_NODES:  # keys and values
            raise ScanError(scalar.first, TOO_MANY_NODES)
        yield scalar


def _quote(lines: list[str], scalar: Scalar) -> None:
    if scalar.policy is Policy.KEY:
        line, end = lines[scalar.first], scalar.column + len(scalar.key)
        lines[scalar.first] = f"{line[: scalar.column]}{quoted([scalar.key])[0]}{line[end:]}"
        return
    numbers = range(scalar.first, scalar.last + 1)
    pieces = [lines[scalar.first][scalar.column :].strip(), *(lines[number].strip() for number in numbers[1:])]
    head = lines[scalar.first][: scalar.column]
    comment = ""
    if scalar.policy is Policy.KEYWORD:
        value = re.split(r"[ \t]#", pieces[0])[0].rstrip()
        pieces, comment = [value], pieces[0][len(value) :]
    if _BREAKS.search("".join(pieces)):
        raise ScanError(scalar.first, "an invisible line separator is in the text; delete it")
    in_quotes = quoted(pieces)
    lines[scalar.first] = f"{head if head.endswith((' ', chr(9))) else head + ' '}{in_quotes[0]}{comment}"
    for number, piece in zip(numbers[1:], in_quotes[1:], strict=False):
        indent = len(lines[number]) - len(lines[number].lstrip(" "))
        lines[number] = f"{lines[number][:indent]}{piece}"
