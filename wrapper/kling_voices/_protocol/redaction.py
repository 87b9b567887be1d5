"""Redaction: removes keys and the signed parts of URLs from texts for people and logs."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

REDACTED = "…"

# A shorter secret may be part of ordinary words. Replacing it there would garble the message, so it is replaced only
# as a whole word.
_MIN_LENGTH = 8

# A shorter value of a query is rather the name of a file or a date than a signature.
_MIN_SIGNATURE = 16

_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*:(?:\\?/){2}[^\s<>]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',;<>]+")
_SIGNED = re.compile(r"[?#]")
_USER = re.compile(r"^((?:[^/?#@]*:)?(?:\\?/){2})?[^/?#]*@")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, bearer tokens, and the user, query and fragment of URLs."""
    text = redact_exactly(text, secrets)
    text = _BEARER.sub(rf"\1{REDACTED}", text)
    return _URL.sub(lambda match: redact_url(match[0]), text)


def redact_exactly(text: str, secrets: Iterable[str]) -> str:
    """`text` without `secrets`. All other URLs stay, which may be results that were paid for."""
    for secret in secrets:
        if len(secret) >= _MIN_LENGTH:
            text = text.replace(secret, REDACTED)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", REDACTED, text)
    return text


class RequestSecrets:
    """The secrets of one request: the API key, and the signed parts and users of URLs in its body.

    An iterable that searches the body only when it is iterated over, which is when a message is read.
    """

    def __init__(self, api_key: str, request: Mapping[str, Any]) -> None:
        self._api_key, self._request = api_key, request

    def __iter__(self) -> Iterator[str]:
        yield self._api_key
        yield from url_secrets(self._request.get("json"))


def url_secrets(value: Any) -> Iterator[str]:
    """The users, passwords, queries and fragments of all URLs in a JSON value, and the long values of the queries.

    A gateway may repeat them without the URL, and decoded.
    """
    queue = deque([value])
    while queue:
        node = queue.popleft()
        if isinstance(node, dict):
            queue.extend(node.values())
        elif isinstance(node, (list, tuple)):
            queue.extend(node)
        elif isinstance(node, str) and "://" in node:
            yield from _secrets_of(node)


def _secrets_of(url: str) -> Iterator[str]:
    base, *signed = _SIGNED.split(url, maxsplit=1)
    user = base.partition("://")[2].partition("/")[0].rpartition("@")[0]
    parts = [*signed, user, user.partition(":")[2], url.partition("#")[2]]
    values = (field.partition("=")[2] for text in signed for field in text.partition("#")[0].split("&"))
    parts += (value for value in values if len(value) >= _MIN_SIGNATURE)
    for part in parts:
        if part:
            yield from dict.fromkeys((part, unquote(part)))


def redact_url(url: str) -> str:
    """`url` without user, query and fragment, which may be credentials."""
    found = _SIGNED.search(url)
    base, signed = (url[: found.start()], found[0] + REDACTED) if found else (url, "")
    return _USER.sub(r"\1", base) + signed


def repr_url(url: str | None) -> str:
    """The repr of a URL attribute."""
    return "None" if url is None else repr(redact_url(url))


def repr_text(text: str | None) -> str:
    """The repr of a text that a gateway wrote."""
    return "None" if text is None else repr(redact(text))
