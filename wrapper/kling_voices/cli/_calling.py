"""The arguments of `kling-voices call`, from texts and files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._protocol import operations as _operations
from ..errors import InvalidInputError


def arguments_of(operation: str, given: Sequence[str], body: str | None, files: Sequence[str]) -> dict[str, Any]:
    """What `call` takes, from NAME=VALUE texts, a body, and NAME=PATH files for its fields.

    Raises InvalidInputError for a text that is not of that form, and a file that cannot be read.
    """
    arguments = {}
    for text in given:
        name, value = _split(text, "--argument")
        arguments[name] = _operations.from_text(operation, name, value)
    if body is not None:
        arguments["body"] = _body(operation, body)
    for text in files:
        name, path = _split(text, "--file")
        fields = arguments.setdefault("body", {})
        if not isinstance(fields, dict):
            raise InvalidInputError("--file adds a field to a body, and the body that was given has none")
        fields[name] = _bytes_of(path)
    return arguments


def _body(operation: str, text: str) -> Any:
    content = _bytes_of(text[1:]) if text.startswith("@") else text.encode()
    if _operations.is_body_a_file(operation):
        return content
    try:
        found = json.loads(content)
    except ValueError as error:
        raise InvalidInputError(f"the body is not JSON: {error}") from None
    return found


def _split(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInputError(f"{option} {text!r} is not of the form NAME=VALUE")
    return name.replace("-", "_"), value


def _bytes_of(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InvalidInputError(f"the file {path} cannot be read: {error.strerror}") from None
