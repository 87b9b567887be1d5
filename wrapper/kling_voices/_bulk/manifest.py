"""Reading a manifest: a CSV or JSON Lines file with one request per row.

The fields are those of `VoiceRequest`. A relative `voice_file` is relative to the folder of the manifest. The file is
read row by row, so it may be long.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import attrs

from .._files import is_file
from .._protocol.redaction import redact
from ..errors import InvalidInputError
from .models import VoiceRequest

FIELDS = tuple(attribute.name for attribute in attrs.fields(VoiceRequest))
_DELIMITERS = ",;\t|"
_MAX_FIELD = 1024 * 1024  # characters of one CSV field
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Row(NamedTuple):
    """One row: the number of its first line, and either a request or the problem with it."""

    line: int
    request: VoiceRequest | None
    problem: str | None = None


def read_manifest(path: Path) -> Iterator[Row]:
    """The rows of a manifest; blank ones are left out.

    The delimiter of a CSV file is found in its header line: a comma, semicolon, tab or vertical bar. A byte order mark
    is allowed. A file whose first character is `{` is JSON Lines.

    Raises InvalidInputError if the file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            mark = file.read(2)
        encoding = "utf-16" if mark in _UTF16_MARKS else "utf-8-sig"
        text = path.open(encoding=encoding, newline="")
    except OSError as error:
        raise InvalidInputError(f"the manifest {path} cannot be read: {error.strerror}") from None
    with text:
        try:
            first = _first_character(text)
            text.seek(0)
            yield from _json_rows(text, path.parent) if first == "{" else _csv_rows(text, path.parent)
        except UnicodeError:
            yield _problem(1, "the manifest is not UTF-8 text; save it as UTF-8")


def _problem(line: int, text: str) -> Row:
    return Row(line, None, redact(text))  # a signed URL may be in the wrong column


def _first_character(text: io.TextIOBase) -> str:
    while character := text.read(1):
        if not character.isspace():
            return character
    return ""


def _json_rows(lines: Iterable[str], folder: Path) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line, object_pairs_hook=_unique)
            if not isinstance(fields, dict):
                raise InvalidInputError('the line is not a JSON object; write {"voice_name": …, …}')
            unknown = sorted(fields.keys() - set(FIELDS))
            if unknown:
                raise InvalidInputError(f"there is no field {unknown[0]!r}; the fields are {', '.join(FIELDS)}")
            yield Row(number, _request(fields, folder))
        except (ValueError, RecursionError) as problem:
            text = str(problem) if isinstance(problem, InvalidInputError) else f"the line is not valid JSON: {problem}"
            yield _problem(number, text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidInputError("a field is given twice; remove one")
    return members


def _csv_rows(text: io.TextIOBase, folder: Path) -> Iterator[Row]:
    csv.field_size_limit(_MAX_FIELD)
    header_line = text.readline()
    while header_line and not header_line.strip():
        header_line = text.readline()
    text.seek(0)
    reader = csv.reader(text, delimiter=_delimiter(header_line), strict=True)
    columns: list[str] | None = None
    line = 0
    try:
        for cells in reader:
            start, line = line + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip().lower().replace("-", "_").replace(" ", "_") for cell in cells]
                problem = _header_problem(columns)
                if problem:
                    yield _problem(start, problem)
                    return
                continue
            try:
                yield Row(start, _request(_csv_fields(columns, cells), folder))
            except InvalidInputError as invalid:
                yield _problem(start, str(invalid))
    except csv.Error as error:
        yield _problem(line + 1, f"the line is not valid CSV: {error}")
    if columns is None:
        yield _problem(1, "the manifest is empty; its first line must name the fields")


def _delimiter(header_line: str) -> str:
    """The delimiter that splits the header into the most known fields."""

    def known(delimiter: str) -> int:
        cells = header_line.lower().replace('"', "").split(delimiter)
        return sum(cell.strip().replace("-", "_").replace(" ", "_") in FIELDS for cell in cells)

    return max(_DELIMITERS, key=known)


def _header_problem(columns: list[str]) -> str | None:
    for name in columns:
        if name not in FIELDS:
            return f"there is no field {name!r}; the first line must name fields, which are {', '.join(FIELDS)}"
        if columns.count(name) > 1:
            return f"the field {name!r} is named twice; remove one of the columns"
    return None if "voice_name" in columns else "the field 'voice_name' is missing; the first line must name it"


def _csv_fields(columns: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) > len(columns):
        raise InvalidInputError(
            f"the line has {len(cells)} cells, and the header has {len(columns)}; put quotation marks around a "
            "cell that contains the delimiter"
        )
    fields: dict[str, Any] = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
    if "extra_body" in fields:
        try:
            fields["extra_body"] = json.loads(fields["extra_body"])
        except (ValueError, RecursionError):
            raise InvalidInputError('extra_body is not a JSON object; write {"field": …}') from None
    return fields


def _request(fields: Mapping[str, Any], folder: Path) -> VoiceRequest:
    fields = {name: value for name, value in fields.items() if value is not None}
    if "voice_name" not in fields:
        raise InvalidInputError("voice_name is missing")
    file = fields.get("voice_file")
    if file:
        if not isinstance(file, str):
            raise InvalidInputError(f"voice_file is of type {type(file).__name__}; pass a path as text")
        path = folder / file
        if not is_file(path):
            raise InvalidInputError(f"voice_file {file} is not a file; correct the path")
        fields = {**fields, "voice_file": path}
    return VoiceRequest(**fields)
