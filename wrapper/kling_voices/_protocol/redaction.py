"""Redaction: removes keys and the signed parts of URLs from texts for people and logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

REDACTED = "…"

# A shorter secret may be part of ordinary words. Replacing it there would garble the message, so it is replaced only
# as a whole word.
_MIN_LENGTH = 8

_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*:(?:\\?/){2}[^\s<>]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',;<>]+")
_SIGNED = re.compile(r"[?#]")
_USER = re.compile(r"^((?:[^/?#@]*:)?(?:\\?/){2})?[^/?#]*@")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, bearer tokens, and the user, query and fragment of URLs."""
    for secret in secrets:
        if len(secret) >= _MIN_LENGTH:
            text = text.replace(secret, REDACTED)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", REDACTED, text)
    text = _BEARER.sub(rf"\1{REDACTED}", text)
    return _URL.sub(lambda match: redact_url(match[0]), text)


class RequestSecrets:
    """The secrets of one request: the API key, and the signed parts and users of URLs in its body.

    An iterable that searches the body only when it is iterated over, which is when an error is built.
    """

    def __init__(self, api_key: str, request: Mapping[str, Any]) -> None:
        self._api_key, self._request = api_key, request

    def __iter__(self) -> Iterator[str]:
        yield self._api_key
        body = self._request.get("json")
        for value in body.values() if isinstance(body, dict) else ():
            if isinstance(value, str) and "://" in value:
                base, *signed = _SIGNED.split(value, maxsplit=1)
                yield from (part for part in signed if part)
                user = base.partition("://")[2].partition("/")[0].rpartition("@")[0]
                if user:
                    yield user


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
