"""Read an OpenAPI document from text, and say in one sentence what is wrong with it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from openapi_spec_validator import OpenAPIV30SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from . import walk

Document: TypeAlias = dict[str, Any]

_MOST_NODES = 200_000  # aliases let a page of a kilobyte stand for gigabytes
_DEEPEST = 60


class DocumentError(Exception):
    """A document that cannot be used; the message names the document and the place."""


def load(path: Path) -> Document:
    """The document in a YAML or JSON file, as JSON types with string keys. Raises as `parse` does."""
    return parse(read_text(path), path.name)


def read_text(path: Path) -> str:
    """The text in a file. Raises DocumentError where it is none."""
    return decode(path.read_bytes(), path.name)


def decode(content: bytes, name: str) -> str:
    """The text in those bytes. Raises DocumentError where it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError(f"{name}: not text in UTF-8") from None


def parse(text: str, name: str) -> Document:
    """The document in a text of YAML, of which JSON is a part, as JSON types with string keys.

    Raises DocumentError when it is not YAML, not a mapping, or holds what JSON cannot.
    """
    return deepcopy(_parsed(text, name))


@lru_cache  # a regeneration looks at the same few documents from several sides, and reading YAML is slow
def _parsed(text: str, name: str) -> Document:
    try:
        parsed = json.loads(text) if name.endswith(".json") else YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise DocumentError(f"{name}: not readable as YAML: {' '.join(str(error).split())[:300]}") from None
    except json.JSONDecodeError as error:
        raise DocumentError(f"{name}: not readable as JSON: {error}") from None
    except Exception as error:  # noqa: BLE001 - such as the 31st of February, brackets without end, `!!int ""`
        raise DocumentError(
            f"{name}: not readable: {type(error).__name__} {' '.join(str(error).split())[:300]}"
        ) from None
    if not isinstance(parsed, Mapping):
        raise DocumentError(f"{name}: a mapping is needed at the top, this is {type(parsed).__name__}")
    document: Document = _Converter(name).convert(parsed)
    return document


def validate(document: Document, name: str) -> None:
    """Raise DocumentError at the first place where `document` is not valid OpenAPI 3.0, or refers to nothing."""
    if "swagger" in document:
        raise DocumentError(f"{name}: this is Swagger {document['swagger']}; only OpenAPI 3.0 and 3.1 are read")
    if not str(document.get("openapi", "")).startswith("3.0."):
        raise DocumentError(f"{name}: `openapi` is {document.get('openapi')!r}; only 3.0 documents are read")
    for place, target in walk.references(document):
        if not target.startswith("#/"):
            raise DocumentError(f"{name}: {place} refers to {target!r}, outside the document; put it inside")
        found = walk.dereference(document, {"$ref": target})
        if found is None:
            raise DocumentError(f"{name}: {place} refers to {target!r}, which the document does not have")
        if isinstance(found, dict) and "$ref" in found:
            raise DocumentError(f"{name}: {place} refers to {target!r}, which refers to itself")
    error = next(iter(OpenAPIV30SpecValidator(document).iter_errors()), None)
    if error is not None:
        place = "/".join(str(step) for step in error.absolute_path) or "the top"
        raise DocumentError(f"{name}: not valid OpenAPI 3.0 at {place}: {' '.join(error.message.split())[:300]}")


def dump(document: Document) -> bytes:
    """The document as JSON, the same bytes on every machine."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


class _Converter:
    """YAML's types as JSON's, up to a bound: an alias is cheap to write, and each use of it counts."""

    def __init__(self, name: str) -> None:
        self._name, self._nodes = name, 0

    def convert(self, value: Any, depth: int = 0) -> Any:
        """`value` as JSON types, with string keys."""
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise DocumentError(f"{self._name}: more than {_MOST_NODES} nodes, aliases counted each time; split it")
        if depth > _DEEPEST:
            raise DocumentError(f"{self._name}: nested deeper than {_DEEPEST} levels, or an alias within itself")
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.convert(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.convert(item, depth + 1) for item in value]
        if isinstance(value, date):  # YAML reads 2026-01-31 as a date; JSON has none
            return value.isoformat()
        if isinstance(value, float) and not math.isfinite(value):
            raise DocumentError(f"{self._name}: holds the number {value}, which JSON does not have")
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, (int, float)):  # a bool is an int
            return value
        raise DocumentError(f"{self._name}: holds a {type(value).__name__}, which JSON does not have")

    def _text(self, text: str) -> str:
        """A text with escaped halves of one character put together; a half alone is no text."""
        if not any("\ud800" <= character <= "\udfff" for character in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise DocumentError(f"{self._name}: holds half a character, {text[:40]!r}; write the whole") from None
