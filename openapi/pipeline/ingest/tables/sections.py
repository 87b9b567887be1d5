"""Split a page into its sections: the operation's line, tables, examples and responses.

Headings can be glued to the text before them, as in `}cURL Example`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from attrs import frozen

METHOD = re.compile(r"(GET|POST|PUT|DELETE|PATCH)\s*(?P<url>https?://\S+)?$")
_URL = re.compile(r"https?://\S+$")
_TABLE = re.compile(r"(Header|Query|Path|Body|Response) Param(?:eter)?s?(?:\s*\((?P<media>[^()]*)\))?$", re.IGNORECASE)
_STATUS = re.compile(r"(?P<status>[1-5]\d\d)(?:\s+(?P<text>[^\W\d_][^,.;]{0,40}))?$")
_HEADING = re.compile(r"(Request Parameters|Authorization|Response|Responses|Request)$", re.IGNORECASE)
_EXAMPLE = re.compile(r"(Request|Response) Example$", re.IGNORECASE)
_CURL = re.compile(r"cURL(?: Example)?$", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:```|~~~)?\s*(json|bash|shell|sh|curl|text)?$", re.IGNORECASE)
_COMMAND = re.compile(r"\s*curl\b(?:'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.|[^'\"\\\n])*", re.DOTALL)
_LINE_END = re.compile(r"\r\n|\r|\n")  # str.splitlines would split texts at other characters, too
_CLOSING_FENCE = re.compile(r"(?:```|~~~)\s*$")


class PageError(Exception):
    """A page of this kind that cannot be read; the message says why, and what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line  # counted from 1


@frozen
class Line:
    """A line of the page."""

    number: int
    """In the file, counted from 1."""
    text: str

    @property
    def plain(self) -> str:
        """The line without blanks around it, emojis in front, marks of headings, and full-width forms."""
        text = (
            unicodedata.normalize("NFKC", self.text).replace("**", "").strip().lstrip("#").strip().rstrip(":").strip()
        )
        return re.sub(r"^[^\w\s|{}\[\]()<>/'\"`.,:;&%@!?=+*#-]+\s*", "", text)


@frozen
class Section:
    """A heading, and the lines below it up to the next."""

    kind: str
    """`operation`, `header`, `query`, `path`, `body`, `response`, `status`, `… example`, or `other`."""
    heading: Line
    lines: tuple[Line, ...]
    example: Any = None
    is_broken: bool = False
    """Whether the section is an example that is not JSON."""


def read_sections(text: str) -> list[Section]:
    """The sections of a page, in order. The first is the text before the operation. Raises PageError."""
    return list(_Reader(text).sections())


class _Reader:
    def __init__(self, text: str) -> None:
        self._lines = [Line(number, line) for number, line in enumerate(_LINE_END.split(text), start=1)]
        self._position = 0
        self._among_responses = False

    def sections(self) -> Iterator[Section]:
        heading, kind, below = Line(1, ""), "other", list[Line]()
        while self._position < len(self._lines):
            line = self._lines[self._position]
            found = self._kind(line)
            self._position += 1
            if found is None:
                below.append(line)
                continue
            yield Section(kind, heading, tuple(below))
            heading, kind, below = line, found, []
            if found.endswith("example"):
                yield self._example(found, line)
                heading, kind = line, "other"
            elif found == "curl":
                self._skip_command()
                kind = "other"
        yield Section(kind, heading, tuple(below))

    def _kind(self, line: Line) -> str | None:
        plain = line.plain
        if METHOD.match(plain) and self._is_followed_by_url(plain):
            return "operation"
        table = _TABLE.match(plain)
        if table:
            return table[1].lower()
        example = _EXAMPLE.match(plain)
        if example:
            return f"{example[1].lower()} example"
        if _CURL.match(plain):
            return "curl"
        if _HEADING.match(plain):
            self._among_responses = self._among_responses or plain.lower().startswith("response")
            return "other"
        is_marked = not line.text.strip().startswith(plain)  # by an emoji
        return "status" if _STATUS.match(plain) and (is_marked or self._among_responses) else None

    def _is_followed_by_url(self, plain: str) -> bool:
        rest = (line.text.strip() for line in self._lines[self._position + 1 :] if line.text.strip())
        return "://" in plain or bool(_URL.match(next(rest, "")))

    def _example(self, kind: str, heading: Line) -> Section:
        """Read the JSON below a heading; text directly after its end becomes a separate line."""
        self._skip_language()
        if self._position >= len(self._lines):
            return Section(kind, heading, ())
        first = self._lines[self._position]
        if self._kind(first) is not None:
            return Section(kind, heading, ())
        text = "\n".join(line.text for line in self._lines[self._position :])
        start = len(text) - len(text.lstrip())
        try:
            value, end = json.JSONDecoder().raw_decode(text, start)
        except ValueError:
            return self._broken_example(kind, heading)
        self._continue_after(text, end)
        return Section(kind, heading, (first,), example=value)

    def _broken_example(self, kind: str, heading: Line) -> Section:
        below = []
        while self._position < len(self._lines):
            line = self._lines[self._position]
            glued = re.match(r"(.*[}\]'`])\s*((?:cURL|Response|Request)\b.*)$", line.text)
            if glued:
                self._lines[self._position] = Line(line.number, glued[2])
                below.append(Line(line.number, glued[1]))
                break
            if self._kind(line) is not None:
                break
            below.append(line)
            self._position += 1
        return Section(kind, heading, tuple(below), is_broken=bool(below))

    def _skip_language(self) -> None:
        while self._position < len(self._lines) and _LANGUAGE.match(self._lines[self._position].text.strip()):
            self._position += 1

    def _skip_command(self) -> None:
        """Skip a shell command, with its quoted data; text directly after its last quote becomes a separate line."""
        self._skip_language()
        text = "\n".join(line.text for line in self._lines[self._position :])
        command = _COMMAND.match(text)
        if command:
            glued = re.match(r"[^\n]*'(?=[^\s\\'])", command[0].rpartition("\n")[2])
            end = command.end() if not glued else command[0].rfind("\n") + 1 + glued.end()
            self._continue_after(text, end)

    def _continue_after(self, text: str, end: int) -> None:
        """Continue after `end` in the text that begins at the current line."""
        self._position += text.count("\n", 0, end)
        rest = text[end:].partition("\n")[0]
        if self._position >= len(self._lines):
            return
        if not rest.strip() or _CLOSING_FENCE.match(rest.strip()):
            self._position += 1
            if self._position < len(self._lines) and _CLOSING_FENCE.match(self._lines[self._position].text.strip()):
                self._position += 1
        else:
            self._lines[self._position] = Line(self._lines[self._position].number, rest)


def status_of(section: Section) -> tuple[str, str]:
    """The status and its text, such as `200` and `Success`."""
    found = _STATUS.match(section.heading.plain)
    if not found:
        raise PageError(section.heading.number, "a status such as '200 Success' is expected")
    return found["status"], (found["text"] or "").strip()


def media_type_of(section: Section) -> str | None:
    """The media type in a heading such as `Body Parameters (application/json)`."""
    found = _TABLE.match(section.heading.plain)
    return found["media"].strip().lower() if found and found["media"] else None
