"""Keep keys and the signed part of URLs out of every text that a person or a log may see."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "…"

_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',;<>]+")
_SIGNED = re.compile(r"[?#]")
_USER = re.compile(r"^((?:[^/?#@]*:)?//)?[^/?#]*@")


def conceal(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, bearer tokens, and the user, query and fragment of URLs."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return _URL.sub(lambda found: conceal_url(found[0]), text)


def conceal_url(url: str) -> str:
    """A text that is known to be meant as a URL, without user, query and fragment; these may be a signature."""
    found = _SIGNED.search(url)
    place, signed = (url[: found.start()], found[0] + HIDDEN) if found else (url, "")
    return _USER.sub(r"\1", place) + signed


def shown_url(url: str | None) -> str:
    """How a URL appears in a repr."""
    return "None" if url is None else repr(conceal_url(url))
