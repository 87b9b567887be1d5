"""Keep keys and the signed part of URLs out of every text that a person or a log may see."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "…"

# Scheme, then anything up to an @ (a password), then host and path, then what may be a signature.
_URL = re.compile(r"(?i)\b(https?://)(?:[^\s/?#@\"'<>]*@)?([^\s?#\"'<>]*)([?#][^\s\"'<>]*)?")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',;<>]+")


def conceal(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without `secrets`, bearer tokens, and the user, query and fragment of URLs."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return _URL.sub(_without_signature, text)


def _without_signature(found: re.Match[str]) -> str:
    scheme, place, signature = found.groups()
    return f"{scheme}{place}{signature[0]}{HIDDEN}" if signature else f"{scheme}{place}"


def shown_url(url: str | None) -> str:
    """How a URL appears in a repr: without user, query and fragment."""
    return repr(conceal(url)) if url is not None else "None"
