"""Decide what an unquoted scalar means: keep it, quote it, or refuse it because it can mean two things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

from .positions import Policy
from .quoting import quoted
from .scanning import Scalar, ScanError

_HARMLESS = re.compile(r"[^\W\d_][^:#\t\u0085\u2028\u2029]*$")
_WORDS_OF_YAML = frozenset({"true", "false", "null"})
_COMMENT = re.compile(r"(?:^|[ \t])#")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}")
_REFERENCE = re.compile(r"#/[A-Za-z0-9_.~%/-]+$")
_LISTED = re.compile(r"[-?](?:\s|$)")
_STRUCTURE = re.compile(
    r"(allOf|anyOf|content|default|deprecated|description|enum|example|examples|format|get|headers|in|items|maximum|"
    r"minimum|name|nullable|oneOf|parameters|post|properties|requestBody|required|responses|schema|security|"
    r"summary|tags|type)\s*:(\s|$)"
)
_TAG = re.compile(r"!!(binary|bool|float|int|map|null|omap|seq|set|str|timestamp)(\s|$)")
_TEXTUAL = frozenset({Policy.PROSE, Policy.TEXT})
_UNREADABLE = object()


def needs_quotes(scalar: Scalar, lines: Sequence[str], anchors: frozenset[str], aliases: frozenset[str]) -> bool:
    """Whether the scalar must be quoted to have the meaning of its text.

    Args:
        scalar: The scalar.
        lines: Of the whole text.
        anchors: The names that the text anchors, as in `&name`.
        aliases: The names that the text refers to, as in `*name`.

    Raises:
        ScanError: If it can be read in two ways, or if quoting is not enough.
    """
    if scalar.policy is Policy.KEY:
        return True
    pieces = [lines[scalar.first][scalar.column :].strip(), *(line.strip() for line in _rest(scalar, lines))]
    text = _folded(pieces)
    if not text:
        return True  # an empty text; a missing value counts only at keys that need a text
    is_harmless = scalar.policy is not Policy.KEYWORD and len(pieces) == 1 and _is_harmless(text)
    if is_harmless or _refers(text, anchors, aliases, scalar):
        return False
    if scalar.policy is Policy.KEYWORD:
        return _keyword_needs_quotes(scalar, text, several=len(pieces) > 1)
    _refuse_comments(scalar, pieces)
    found = _load(pieces)
    if found == text or (scalar.policy not in _TEXTUAL and _is_data(text, found)):
        return False
    _refuse_broken_quotes(scalar, text)
    if scalar.policy not in _TEXTUAL:
        _refuse_broken_brackets(scalar, text)
    _refuse_several_lines(scalar, pieces)
    return True


def _rest(scalar: Scalar, lines: Sequence[str]) -> Sequence[str]:
    return lines[scalar.first + 1 : scalar.last + 1]


def _folded(pieces: Sequence[str]) -> str:
    """The pieces as YAML joins them: a blank for a line break, a line break for each empty line."""
    text = pieces[0]
    breaks = 0
    for piece in pieces[1:]:
        if piece:
            text += ("\n" * breaks or " ") + piece
            breaks = 0
        else:
            breaks += 1
    return text


def _is_harmless(text: str) -> bool:
    return bool(_HARMLESS.match(text)) and text.lower() not in _WORDS_OF_YAML


def _keyword_needs_quotes(scalar: Scalar, text: str, *, several: bool) -> bool:
    value = _COMMENT.split(text)[0].strip()
    if several and not text.startswith("#") and _load([value]) is not None:
        raise ScanError(
            scalar.first + 1, f"the line continues {scalar.key!r}; indent it like the key, or quote both lines"
        )
    found = _load([value]) if value else None
    if value and found is _UNREADABLE:
        _refuse_broken_quotes(scalar, text)
        _refuse_broken_brackets(scalar, text)
        return True
    return scalar.key in {"type", "openapi"} and value != "" and not isinstance(found, (str, list))


def _refuse_comments(scalar: Scalar, pieces: Sequence[str]) -> None:
    for number, piece in enumerate(pieces):
        if not _COMMENT.search(piece):
            continue
        if scalar.key == "$ref" and _REFERENCE.match(piece):
            continue
        if piece[0] in "\"'" and number == 0:
            continue  # whether the quotes are closed decides
        advice = f"write {quoted(pieces)[0]}" if len(pieces) == 1 and len(piece) <= 60 else "quote the text"
        raise ScanError(scalar.first + number, f"' #' cuts the text, as a comment; {advice}, or delete the comment")


def _refers(text: str, anchors: frozenset[str], aliases: frozenset[str], scalar: Scalar) -> bool:
    """Whether the text is an anchor, an alias or a tag of YAML. Raises ScanError if that is unclear."""
    if text[0] == "*":
        return text[1:] in anchors
    if text[0] == "&":
        name, _, rest = text[1:].partition(" ")
        if name in aliases and scalar.policy in _TEXTUAL:
            raise ScanError(scalar.first, f"'&{name}' can be an anchor or a text; quote the text")
        return name in aliases or (scalar.policy not in _TEXTUAL and rest.lstrip()[:1] in {"", "[", "{"})
    return bool(_TAG.match(text)) or (text.startswith("!!") and scalar.policy not in _TEXTUAL)


def _load(pieces: Sequence[str]) -> Any:
    """What YAML reads, or `_UNREADABLE`."""
    text = "\n ".join(pieces)
    try:
        return YAML(typ="safe", pure=True).load(f"key: {text}\n")["key"]
    except Exception:  # noqa: BLE001 - ruamel raises ValueError and others besides YAMLError
        return _UNREADABLE


def _is_data(text: str, found: Any) -> bool:
    """Whether a value of any type keeps the meaning that it has in YAML."""
    if found is _UNREADABLE or text[0] in "&!":
        return False
    return not (isinstance(found, dict) and _TEMPLATE.match(text))


def _refuse_broken_quotes(scalar: Scalar, text: str) -> None:
    """A text may begin with a quoted word, but a quote without an end may be a mistake."""
    quote = text[0]
    if quote not in "\"'":
        return
    parts = text.split(quote)
    inside, outside = parts[1::2], parts[2::2]
    closed = len(parts) % 2 == 1
    words = closed and all(part and not part[0].isspace() and not part[-1].isspace() for part in inside)
    apart = all(not part or not (part[0].isalnum() or part[0] == "_") for part in outside)
    before = all(not part or not (part[-1].isalnum() or part[-1] == "_") for part in parts[2:-1:2])
    if not (words and apart and before):
        raise ScanError(
            scalar.first, "the quotation marks do not pair, so the text can end in several places; quote it again"
        )


def _refuse_broken_brackets(scalar: Scalar, text: str) -> None:
    if text[0] in "[{" and not _TEMPLATE.match(text):
        raise ScanError(
            scalar.first, "the brackets are not closed, or text follows them; quote the value if it is text"
        )


def _refuse_several_lines(scalar: Scalar, pieces: Sequence[str]) -> None:
    """Refuse lines that look like a list or like keys, because quotes would join them to one line."""
    if len(pieces) > 1 and scalar.policy is not Policy.PROSE:
        raise ScanError(
            scalar.first + 1, f"the line continues {scalar.key!r}; indent it like the key, or quote both lines"
        )
    for number, piece in enumerate(pieces):
        is_first = number == 0 and len(pieces) > 1 and piece.endswith(":")
        if (number > 0 and (_LISTED.match(piece) or _STRUCTURE.match(piece))) or is_first:
            raise ScanError(
                scalar.first + number,
                f"{piece[:30]!r} can be a text of several lines, or YAML; write '|-' behind the key if it is a text",
            )
