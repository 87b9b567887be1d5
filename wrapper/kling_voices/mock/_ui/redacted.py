"""Requests and replies as the page shows them: without keys, and without the signed parts of URLs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote

from ..._protocol.redaction import REDACTED, redact
from .._messages import Request

_SHOWN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "allow",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "retry-after",
        "user-agent",
        "www-authenticate",
        "x-request-id",
    }
)
_MAX_LENGTH = 20_000  # characters of a body
KEY_VARIABLE = "KLING_API_KEY"


def headers(pairs: Iterable[tuple[str, str]], secrets: Iterable[str]) -> list[list[str]]:
    """Headers: the values of those that rarely contain a secret, and only the names of the others."""
    secrets = tuple(secrets)
    return [[name, redact(text, secrets) if name.lower() in _SHOWN_HEADERS else REDACTED] for name, text in pairs]


def body(content: bytes, secrets: Iterable[str]) -> str:
    """A body: JSON with each of its texts redacted, otherwise the redacted text."""
    text = content.decode("utf-8", "replace")
    try:
        shown = json.dumps(value(json.loads(text), tuple(secrets)), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        shown = redact(text[:_MAX_LENGTH], secrets)
    return shown if len(shown) <= _MAX_LENGTH else f"{shown[:_MAX_LENGTH]}{REDACTED}"


def value(content: Any, secrets: Iterable[str]) -> Any:
    """A JSON value with each of its texts redacted."""
    if isinstance(content, str):
        return redact(content, secrets)
    if isinstance(content, list):
        return [value(item, secrets) for item in content]
    if isinstance(content, dict):
        return {redact(name, secrets): value(item, secrets) for name, item in content.items()}
    return content


def target(request: Request, known: frozenset[str], secrets: Iterable[str]) -> str:
    """The path and query of a request. Only query parameters of the contract keep their values."""
    path = redact(request.path, secrets)
    if not request.query:
        return path
    pairs = parse_qsl(request.query, keep_blank_values=True)
    shown = (
        f"{quote(redact(name, secrets))}={quote(redact(text, secrets)) if name in known else REDACTED}"
        for name, text in pairs
    )
    return f"{path}?{'&'.join(shown)}"


def curl(request: Request, base_url: str, known: frozenset[str], secrets: Iterable[str]) -> str:
    """A command that sends the same request. The key is read from an environment variable."""
    secrets = tuple(secrets)
    words = ["curl", "-X", request.method, shlex.quote(base_url + target(request, known, secrets))]
    if request.header("authorization"):
        words += ["-H", f'"Authorization: Bearer ${KEY_VARIABLE}"']
    for content_type in request.header("content-type"):
        words += ["-H", shlex.quote(f"Content-Type: {redact(content_type, secrets)}")]
    if request.body:
        words += ["--data-raw", shlex.quote(_compact(request.body, secrets))]
    return " ".join(words)


def _compact(content: bytes, secrets: tuple[str, ...]) -> str:
    try:
        return json.dumps(value(json.loads(content), secrets), ensure_ascii=False)
    except (ValueError, RecursionError):
        return redact(content[:_MAX_LENGTH].decode("utf-8", "replace"), secrets)
