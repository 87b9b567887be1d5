"""The three headers of Standard Webhooks in a callback, independent of case and type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from ..errors import CallbackError, InvalidInputError

CallbackHeaders: TypeAlias = (
    Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
)

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_MAX_ID_LENGTH = 256  # characters; an id is a key of the store


def webhook_headers(headers: CallbackHeaders) -> dict[str, str]:
    """The headers of Standard Webhooks, by their lower-case names. Several signature headers count as one.

    Raises:
        CallbackError: The id or the timestamp is given twice, or the id is very long.
        InvalidInputError: `headers` are not headers.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(headers):
        key = name.lower()
        if key not in (ID, TIMESTAMP, SIGNATURE):
            continue
        if key in found and key != SIGNATURE:
            raise CallbackError(f"the callback has two headers {key}; it must have one")
        found[key] = f"{found[key]} {value}" if key in found else value
    if len(found.get(ID, "")) > _MAX_ID_LENGTH:
        raise CallbackError(f"the header {ID} of the callback has more than {_MAX_ID_LENGTH} characters")
    return found


def _pairs(headers: CallbackHeaders) -> list[tuple[str, str]]:
    items = headers.items() if isinstance(headers, Mapping) else headers
    try:
        return [(_text(name), _text(value)) for name, value in items]
    except (TypeError, ValueError):
        raise InvalidInputError(
            f"headers are of type {type(headers).__name__}; pass a mapping or pairs of names and values"
        ) from None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1").strip()
    if not isinstance(value, str):
        raise TypeError
    return value.strip()
