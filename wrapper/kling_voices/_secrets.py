"""Keep keys and the signed part of URLs out of every text that a person or a log may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

HIDDEN = "…"

# A shorter secret is part of ordinary words, and taking it out of them would garble the message: it is hidden where it
# stands by itself.
_LONG = 8

_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*:(?:\\?/){2}[^\s<>]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',;<>]+")
_SIGNED = re.compile(r"[?#]")
_USER = re.compile(r"^((?:[^/?#@]*:)?(?:\\?/){2})?[^/?#]*@")


def conceal(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, bearer tokens, and the user, query and fragment of URLs."""
    for secret in secrets:
        if len(secret) >= _LONG:
            text = text.replace(secret, HIDDEN)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return _URL.sub(lambda found: conceal_url(found[0]), text)


class Secrets:
    """The texts of one exchange that nobody may read: the key, and what the URLs of the request are signed with.

    Looked for only when something is to be concealed, which is when something has gone wrong.
    """

    def __init__(self, api_key: str, request: Mapping[str, Any]) -> None:
        self._api_key, self._request = api_key, request

    def __iter__(self) -> Iterator[str]:
        yield self._api_key
        body = self._request.get("json")
        for value in body.values() if isinstance(body, dict) else ():
            if isinstance(value, str) and "://" in value:
                place, *signed = _SIGNED.split(value, maxsplit=1)
                yield from (part for part in signed if part)
                user = place.partition("://")[2].partition("/")[0].rpartition("@")[0]
                if user:
                    yield user


def conceal_url(url: str) -> str:
    """A text that is known to be meant as a URL, without user, query and fragment; these may be a signature."""
    found = _SIGNED.search(url)
    place, signed = (url[: found.start()], found[0] + HIDDEN) if found else (url, "")
    return _USER.sub(r"\1", place) + signed


def shown_url(url: str | None) -> str:
    """How a URL appears in a repr."""
    return "None" if url is None else repr(conceal_url(url))


def shown_text(text: str | None) -> str:
    """How a gateway's words appear in a repr."""
    return "None" if text is None else repr(conceal(text))
