"""The rows of a table whose pipes are not reliable: they can be missing at the start and at the end of a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from attrs import evolve, frozen

from .sections import Line, PageError

_COLUMNS = {
    **dict.fromkeys(("parameter", "name", "field", "key", "param", "parameter name", "field name"), "name"),
    **dict.fromkeys(("type", "data type"), "type"),
    **dict.fromkeys(("required", "mandatory"), "required"),
    **dict.fromkeys(("description", "remark", "remarks", "explanation"), "description"),
    **dict.fromkeys(("example", "example value", "sample"), "example"),
    **dict.fromkeys(("default", "default value"), "default"),
}
_USUAL = ("name", "type", "required", "description", "example")
_PIPE = re.compile(r"(?<!\\)\|")
_SEPARATOR = re.compile(r":?-{2,}:?$")
_FIELD = re.compile(r"[A-Za-z_$][\w$.\[\]-]*$")
_BLANKS = r"(?P<blanks>(?:[ \t\u00a0\u3000]|&nbsp;|&emsp;)*)"
_MARKS = r"(?P<marks>(?:[\u00bb\u203a>\u2514\u251c\u2500\u2502\u221f\u21b3\u00b7-]\s*)*)"
_PREFIX = re.compile(_BLANKS + _MARKS)


@frozen
class Row:
    """A row: the name of a field, how deep it is indented, and its cells."""

    line: int
    depth: int
    """A measure of the indentation; only larger and smaller mean something."""
    name: str
    type: str = ""
    required: str = ""
    description: str = ""
    example: str = ""
    default: str = ""


def read_rows(lines: Sequence[Line]) -> list[Row]:
    """The rows of a table. A line without pipes continues the description above it. Raises PageError."""
    columns: tuple[str, ...] = _USUAL
    rows: list[Row] = []
    unfinished: list[str] = []  # the cells of the row above, if no pipe ends it
    for line in lines:
        text = line.text.replace("\uff5c", "|")
        if "|" not in text:
            _continue(rows, line)
            continue
        cells = _cells(text)
        if all(not cell.strip() or _SEPARATOR.match(cell.strip()) for cell in cells):
            continue
        header = _header(cells)
        if header is not None:
            columns = header
            continue
        if _continues(unfinished, cells, columns):
            cells = [*unfinished[:-1], f"{unfinished[-1].rstrip()}\n{cells[0].strip()}", *cells[1:]]
            rows.pop()
        row = _row(line, cells, columns)
        if row is None:
            _continue(rows, Line(line.number, " ".join(cell.strip() for cell in cells if cell.strip())))
        else:
            rows.append(row)
            unfinished = [] if text.rstrip().endswith("|") else cells
    return rows


def _continues(unfinished: Sequence[str], cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether a line continues the row above: its first cell is no name, and all cells have a column."""
    is_text = bool(cells[0].strip()) and not _FIELD.match(_PREFIX.sub("", cells[0]).strip().strip("`*"))
    return is_text and len(unfinished) > 1 and len(unfinished) + len(cells) - 1 <= len(columns)


def _cells(text: str) -> list[str]:
    stripped = text.rstrip()
    if stripped.lstrip().startswith("|"):
        stripped = stripped.lstrip()[1:]
        stripped = stripped.removeprefix(" ")
    if stripped.endswith("|") and not stripped.endswith("\\|"):
        stripped = stripped[:-1]
    return [cell.replace("\\|", "|") for cell in _PIPE.split(stripped)]


def _header(cells: Sequence[str]) -> tuple[str, ...] | None:
    words = [unicodedata.normalize("NFKC", cell).strip().strip("*").lower() for cell in cells]
    if len(words) < 2 or words[0] not in _COLUMNS or words[1] not in _COLUMNS:
        return None
    return tuple(_COLUMNS.get(word, word) for word in words)


def _row(line: Line, cells: list[str], columns: tuple[str, ...]) -> Row | None:
    """The row, or None if it only contains text."""
    prefix = _PREFIX.match(cells[0])
    name = cells[0][prefix.end() if prefix else 0 :].strip().strip("`*").strip()
    others = [cell.strip() for cell in cells[1:]]
    if not _FIELD.match(name):
        if any(others) and name:
            raise PageError(line.number, f"{name[:40]!r} is not a field name; correct the first cell")
        if not name and any(others):
            raise PageError(line.number, "the row has no name; write the field's name into the first cell")
        return None
    if len(others) >= len(columns):
        others = _joined(line, others, columns)
    named = dict(zip(columns[1:], others, strict=False))
    extra = [f"{column}: {cell}" for column, cell in named.items() if column not in _COLUMNS.values() and cell]
    description = "\n".join(part for part in (_text(named.get("description", "")), *extra) if part)
    depth = _depth(prefix["blanks"], prefix["marks"]) if prefix else 0
    known = {key: named.get(key, "") for key in ("type", "required", "example", "default")}
    return Row(line.number, depth, name, description=description, **known)


def _joined(line: Line, others: list[str], columns: tuple[str, ...]) -> list[str]:
    """The cells; pipes in a description do not split it. Raises PageError if the meaning of a pipe is unclear."""
    while len(others) >= len(columns) and not others[-1]:
        others = others[:-1]
    width = len(columns) - 1
    if len(others) <= width:
        return others
    if columns[-1] != "description":
        raise PageError(line.number, "the row has more cells than the table; write '\\|' for a pipe in a text")
    return [*others[: width - 1], " | ".join(others[width - 1 :])]


def _depth(blanks: str, marks: str) -> int:
    spaces = blanks.replace("&nbsp;", " ").replace("&emsp;", "  ").replace("\t", "    ").replace("\u3000", "  ")
    return len(spaces) + 2 * len(re.sub(r"\s", "", marks))


def _continue(rows: list[Row], line: Line) -> None:
    """Add a line of text to the description above; without a row above, it is a caption, and is ignored."""
    if rows and line.text.strip():
        parts = [rows[-1].description, _text(line.text.strip())]
        rows[-1] = evolve(rows[-1], description="\n".join(part for part in parts if part))


def _text(cell: str) -> str:
    return re.sub(r"\s*<br\s*/?>\s*", "\n", cell)
