"""Read the operation that the text page of kkiai describes: host, path, fields, types, required marks, examples."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Field(NamedTuple):
    """A row of one of the page's tables."""

    name: str
    type: str
    required: bool


class Page(NamedTuple):
    """The page's description of its operation."""

    method: str
    host: str
    path: str
    headers: tuple[Field, ...]
    body: tuple[Field, ...]
    media_type: str
    request_example: dict[str, Any]
    answer_example: dict[str, Any]
    descriptions: dict[str, str]


def read_page(text: str) -> Page:
    """The operation of a kkiai page; raises ValueError where the page is not of that form."""
    named = re.search(r"^(GET|POST|PUT|DELETE|PATCH)\n(https?://\S+)$", text, re.MULTILINE)
    media = re.search(r"^Body Parameters \(([^)]+)\)$", text, re.MULTILINE)
    if not named or not media:
        raise ValueError("the page names no operation, or no body")
    address = urlsplit(named[2])
    body_rows = _rows(text, media[0])
    return Page(
        named[1],
        f"{address.scheme}://{address.netloc}",
        address.path,
        tuple(_field(row) for row in _rows(text, "Header Parameters")),
        tuple(_field(row) for row in body_rows),
        media[1],
        _example(text, "Request Example"),
        _example(text, "Response Example"),
        {row[0]: row[3] if len(row) > 3 else "" for row in body_rows},
    )


def _rows(text: str, heading: str) -> list[list[str]]:
    lines = text[text.index(heading) :].splitlines()[1:]
    rows = []
    for line in lines:
        if "|" not in line:
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] not in {"Parameter", "---"}:
            rows.append(cells)
    return rows


def _field(row: list[str]) -> Field:
    marks = {"Required": True, "Optional": False}
    return Field(row[0], row[1], marks[row[2]])


def _example(text: str, heading: str) -> dict[str, Any]:
    start = text.index("{", text.index(heading))
    example: dict[str, Any] = json.JSONDecoder().raw_decode(text, start)[0]
    return example
