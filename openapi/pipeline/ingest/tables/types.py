"""Convert the words for types and for "required" in tables to OpenAPI."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from ...spec.walk import copy_json
from .sections import PageError

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "array": {"type": "array", "items": {}},
    "file": {"type": "string", "format": "binary"},
    "any": {},
}
_WORDS = {
    **dict.fromkeys(("str", "text", "varchar"), "string"),
    **dict.fromkeys(("int", "int32", "int64", "long"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("map", "json", "dict"), "object"),
    **dict.fromkeys(("", "null", "-"), "any"),
    "bool": "boolean",
    "list": "array",
    "binary": "file",
}
_LIST = re.compile(r"(?:array|list)\s*(?:\[(?P<square>.*)\]|<(?P<angle>.*)>|\((?P<round>.*)\)|\s+of\s+(?P<words>.+))$")
_ENUM = re.compile(r"enum\s*(?:<(?P<angle>.*)>|\[(?P<square>.*)\]|\((?P<round>.*)\))?$")
_NULL = re.compile(r"(?P<type>.+?)\s*(?:\||/|,|\bor\b)\s*null$")
_REQUIRED = frozenset({"required", "yes", "true", "y", "必需", "必填", "是", "✓", "✔"})
_OPTIONAL = frozenset({"", "optional", "no", "false", "n", "可选", "选填", "否", "✗", "-"})


def schema_of(cell: str, line: int) -> dict[str, Any]:
    """The schema for a type such as `string`, `array[object]` or `string or null`. Raises PageError."""
    word = unicodedata.normalize("NFKC", cell).strip().strip("`").lower()
    null = _NULL.match(word)
    if null:
        return {**schema_of(null["type"], line), "nullable": True}
    if word.endswith("[]"):
        return {"type": "array", "items": schema_of(word[:-2], line)}
    many = _LIST.match(word)
    if many:
        inner = next(group for group in many.groups() if group is not None)
        return {"type": "array", "items": schema_of(inner.removesuffix("s") if many["words"] else inner, line)}
    enum = _ENUM.match(word)
    if enum:
        return schema_of(next((group for group in enum.groups() if group), "string"), line)
    base = re.sub(r"\s*[(<].*[)>]$", "", word)
    known = _WORDS.get(base, base)
    if known not in _TYPES:
        raise PageError(
            line, f"{cell.strip()[:40]!r} is not a known type; write string, integer, number, object or array"
        )
    return copy_json(_TYPES[known])


def is_required(cell: str, line: int) -> bool:
    """Whether a field must be sent; an empty cell says no. Raises PageError."""
    word = unicodedata.normalize("NFKC", cell).strip().strip("`*").lower()
    if word in _REQUIRED:
        return True
    if word in _OPTIONAL:
        return False
    raise PageError(line, f"{cell.strip()[:40]!r} says neither Required nor Optional; write one of the two")


def value_of(cell: str, schema: dict[str, Any]) -> Any:
    """An example or default as a value of the schema's type; the text itself if it has another type."""
    if schema.get("type") in {None, "string"}:
        return cell
    try:
        return json.loads(cell.lower() if schema["type"] == "boolean" else cell)
    except ValueError:
        return cell
