"""Read an OpenAPI document from a file, and say in one sentence what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from openapi_spec_validator import OpenAPIV30SpecValidator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Document: TypeAlias = dict[str, Any]


class DocumentError(Exception):
    """A document that cannot be used; the message names the document and the place."""


def load(path: Path) -> Document:
    """The document in a YAML or JSON file, as JSON types with string keys.

    Raises DocumentError when the file is not YAML, or not a mapping.
    """
    try:
        parsed = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(parsed, Mapping):
        raise DocumentError(f"{path.name}: a mapping is needed at the top, this is {type(parsed).__name__}")
    return {str(key): _as_json(value) for key, value in parsed.items()}


def validate(document: Document, name: str) -> None:
    """Raise DocumentError at the first place where `document` is not valid OpenAPI 3.0."""
    if not str(document.get("openapi", "")).startswith("3.0."):
        raise DocumentError(f"{name}: `openapi` is {document.get('openapi')!r}; only 3.0 documents are read")
    error = next(iter(OpenAPIV30SpecValidator(document).iter_errors()), None)
    if error is not None:
        place = "/".join(str(step) for step in error.absolute_path) or "the top"
        raise DocumentError(f"{name}: not valid OpenAPI 3.0 at {place}: {' '.join(error.message.split())[:300]}")


def dump(document: Document) -> bytes:
    """The document as JSON, the same bytes on every machine."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, date):  # YAML reads 2026-01-31 as a date; JSON has none
        return value.isoformat()
    return value
