"""Strings for a schema: by format, pattern, length and the name of the property."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import rstr

_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT5S",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "hostname": "mock.invalid",
    "idn-hostname": "mock.invalid",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://mock.invalid/sample",
    "uri-reference": "/sample",
    "iri": "https://mock.invalid/sample",
    "iri-reference": "/sample",
    "uri-template": "/sample/{id}",
    "url": "https://mock.invalid/sample",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/sample",
    "relative-json-pointer": "0",
    "regex": "^sample$",
    "byte": "c2FtcGxl",
}
_COMMON = ("sample", "1", "https://mock.invalid/sample", *_FORMATS.values(), "a", "A", "0", "")
_ATTEMPTS = 20  # with different seeds, for patterns whose random strings are often too long or too short


def strings(schema: Mapping[str, Any], name: str = "", variant: int = 0) -> Iterator[str]:
    """Strings that may be valid for a flat schema, the most readable first. The caller validates them.

    Args:
        schema: The schema.
        name: The name of the property; it decides what an unrestricted string looks like.
        variant: Different numbers give different strings, where the schema has room for them.
    """
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    for candidate in (*_readable(schema, name), *_COMMON):
        text = _vary(candidate, schema.get("format", ""), variant)
        yield text
        if variant and high:  # the end is what differs
            yield text[-high:]
        yield _fit_length(text, low, high)
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        yield from _matching(pattern, low, high, variant)


def _readable(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    if schema.get("format") in _FORMATS:
        yield _FORMATS[schema["format"]]
    lower = name.lower()
    if "url" in lower or "uri" in lower:
        yield "https://mock.invalid/sample"
    if lower == "id" or lower.endswith("_id"):
        yield "1"
    if name and "format" not in schema:
        yield f"sample {lower.replace('_', ' ')}"


def _vary(text: str, text_format: str, variant: int) -> str:
    if not variant:
        return text
    if text_format in {"date-time", "date"}:
        return text.replace("2026", str(2026 + variant), 1)
    if text_format == "uuid":
        return f"{text[:-12]}{variant:012d}"
    if text_format == "email":
        return f"ada{variant}@example.com"
    return f"{text}{variant}"


def _fit_length(text: str, low: int, high: int | None) -> str:
    if len(text) < low:
        return text + (text[-1:] or "a") * (low - len(text))
    return text if high is None or len(text) <= high else text[:high]


def _matching(pattern: str, low: int, high: int | None, variant: int) -> Iterator[str]:
    """Strings that match a pattern. rstr draws them from a seeded source, so that they are always the same."""
    shortened = _bounded(pattern, low, high)
    for attempt in range(_ATTEMPTS):
        try:
            drawn = rstr.Rstr(Random(variant * _ATTEMPTS + attempt)).xeger(shortened)  # noqa: S311 - not a secret
        except (re.error, KeyError, IndexError, ValueError):  # a regular expression that Python or rstr does not know
            return
        yield drawn
        yield _fit_length(drawn, low, high)


def _bounded(pattern: str, low: int, high: int | None) -> str:
    """The pattern with short repetitions in place of `*` and `+`, because rstr would repeat up to 100 times."""
    few = max(4, low) if high is None else max(1, min(high, max(4, low)))
    pattern = re.sub(r"(?<!\\)(\]|\)|\.|\\[dwsDWS])\*", rf"\1{{0,{few}}}", pattern)
    return re.sub(r"(?<!\\)(\]|\)|\.|\\[dwsDWS])\+", rf"\1{{{min(max(1, low), few)},{few}}}", pattern)
