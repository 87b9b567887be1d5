"""The arguments of `kling-voices call`, from texts and files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from .._protocol.operations import OperationCatalog


def parse_arguments(
    catalog: OperationCatalog, operation: str, arguments: Sequence[str], body: str | None, files: Sequence[str]
) -> dict[str, Any]:
    """The arguments of `call`, from NAME=VALUE texts, a body, and NAME=PATH files for fields of the body.

    Raises InvalidInputError for a text of another form, and for a file that cannot be read.
    """
    parsed: dict[str, Any] = {}
    for text in arguments:
        name, value = _split(text, "--argument", "NAME=VALUE")
        parsed[name] = catalog.parse_text(operation, name, value)
    if body is not None:
        parsed["body"] = _parse_body(body, is_file=catalog.is_body_a_file(operation))
    for text in files:
        name, path = _split(text, "--file", "NAME=PATH")
        fields = parsed.setdefault("body", {})
        if not isinstance(fields, dict):
            raise InvalidInputError("--file adds a field to the body, but the body is not a JSON object")
        fields[name] = _read(path)
    return parsed


def _parse_body(text: str, *, is_file: bool) -> Any:
    content = _read(text[1:]) if text.startswith("@") else text.encode()
    if is_file:
        return content
    try:
        return json.loads(content)
    except ValueError as error:
        raise InvalidInputError(f"--body is not JSON: {error}") from None


def _split(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInputError(f"{option} {text!r} does not have the form {form}")
    return name.replace("-", "_"), value


def _read(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInputError(f"the file {path} cannot be read: {error.strerror}") from None
