"""Read and validate an OpenAPI document; errors are one sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from . import limits, schema_errors, walk, yaml_text
from .refusals import DocumentError, refusal
from .walk import copy_json

__all__ = ["Document", "DocumentError", "decode", "dump", "load", "parse", "read_text", "validate"]

Document: TypeAlias = dict[str, Any]


def load(path: Path) -> Document:
    """The document in a YAML or JSON file, as JSON types with string keys. Raises as `parse` does."""
    return parse(read_text(path), path.name)


def read_text(path: Path) -> str:
    """The text in a file. Raises DocumentError if it is not text."""
    return decode(path.read_bytes(), path.name)


def decode(content: bytes, name: str) -> str:
    """The text in those bytes. Raises DocumentError if it is not text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError(f"{name}: not text in UTF-8") from None


def parse(text: str, name: str, first_line: int = 1) -> Document:
    """The document in a text of YAML, of which JSON is a part, as JSON types with string keys.

    Args:
        text: The text.
        name: Of the document, for errors.
        first_line: The line of the file on which the text begins.

    Raises:
        DocumentError: If it is not YAML, not a mapping, or contains values that JSON does not have.
    """
    return copy_json(_parsed(text, name, first_line))


@lru_cache  # a regeneration looks at the same few documents from several sides, and reading YAML is slow
def _parsed(text: str, name: str, first_line: int) -> Document:
    try:
        parsed = json.loads(text) if name.endswith(".json") else yaml_text.load(text)
    except yaml_text.LimitError as error:
        raise refusal(name, str(error)) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + first_line
        problem = " ".join(filter(None, (error.problem, None if error.problem else error.context)))
        raise refusal(name, f"not readable as YAML: {problem}; correct that line", line) from None
    except YAMLError as error:
        raise refusal(name, f"not readable as YAML: {error}") from None
    except json.JSONDecodeError as error:
        raise refusal(name, f"not readable as JSON: {error.msg}; correct that line", error.lineno) from None
    except Exception as error:  # noqa: BLE001 - such as the 31st of February, brackets without end, `!!int ""`
        raise refusal(name, f"not readable: {type(error).__name__} {error}") from None
    if not isinstance(parsed, Mapping):
        raise refusal(name, f"the top level must be a mapping, but it is a {type(parsed).__name__}")
    document: Document = _Converter(name).convert(parsed)
    return document


def validate(document: Document, name: str, positions: yaml_text.Positions | None = None) -> None:
    """Raise DocumentError at the first place where `document` is not valid OpenAPI 3.0, or refers to nothing.

    Args:
        document: The document.
        name: Its name, for the error.
        positions: The positions of its values in the file, for the line of an error.
    """
    if "swagger" in document:
        raise refusal(name, f"this is Swagger {document['swagger']}; only OpenAPI 3.0 and 3.1 are supported")
    if not str(document.get("openapi", "")).startswith("3.0."):
        raise refusal(name, f"`openapi` is {document.get('openapi')!r}; only OpenAPI 3.0 is supported")
    for place, target in walk.references(document):
        if not target.startswith("#/"):
            raise refusal(
                name, f"{place} refers to {target!r}, outside the document; copy the target into the document"
            )
        found = walk.dereference(document, {"$ref": target})
        if found is None:
            raise refusal(name, f"{place} refers to {target!r}, which the document does not have")
        if isinstance(found, dict) and "$ref" in found:
            raise refusal(name, f"{place} refers to {target!r}, which refers to itself")
    try:
        error = schema_errors.first_error(document)
    except RecursionError:
        raise refusal(name, "a schema is part of itself through `allOf`; correct its reference") from None
    if error is not None:
        path, reason = error
        line = None if positions is None else positions.line(path)
        raise refusal(name, f"not valid OpenAPI 3.0 at {_place(path)}: {reason}", line)


def _place(path: yaml_text.Path) -> str:
    """A path, without its middle if it is too long for a sentence."""
    place = "/".join(str(step) for step in path) or "the top"
    return place if len(place) <= 60 else f"{path[0]}/…{place[-50:]}"


def dump(document: Document) -> bytes:
    """The document as JSON, the same bytes on every machine."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


class _Converter:
    """Converts YAML types to JSON types, up to the limits.

    Each use of an alias counts, because aliases let a page of one kilobyte expand to gigabytes.
    """

    def __init__(self, name: str) -> None:
        self._name, self._nodes = name, 0

    def convert(self, value: Any, depth: int = 0) -> Any:
        """`value` as JSON types, with string keys."""
        self._nodes += 1
        if self._nodes > limits.MOST_NODES:
            raise refusal(self._name, limits.TOO_MANY_NODES)
        if depth > limits.DEEPEST:
            raise refusal(self._name, limits.TOO_DEEP)
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.convert(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.convert(item, depth + 1) for item in value]
        if isinstance(value, date):  # YAML reads 2026-01-31 as a date; JSON has none
            return value.isoformat()
        if isinstance(value, float) and not math.isfinite(value):
            raise refusal(self._name, f"contains the number {value}, which JSON does not have")
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, (int, float)):  # a bool is an int
            return value
        raise refusal(self._name, f"contains a {type(value).__name__}, which JSON does not have")

    def _text(self, text: str) -> str:
        """The text with surrogate pairs combined; raises DocumentError for a single surrogate."""
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise refusal(self._name, f"contains an unpaired surrogate in {text[:40]!r}; correct the text") from None
