"""A request as data, so that a failed test can show it and send it again. Keys and signatures are left out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import NamedTuple

import httpx
from kling_voices._protocol.redaction import redact

KEY = "${KLING_API_KEY}"  # replaces the key; bash fills in the variable
_MOCK_KEY = "mock-key"
_AUTOMATIC = {"host", "content-length", "connection", "accept-encoding"}  # every HTTP client adds these


class RecordedRequest(NamedTuple):
    """A request without its secrets."""

    method: str
    path: str  # with its query
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> RecordedRequest:
        """The request without key, signatures and automatic headers; `target` is a URL or a path."""
        shown = {name: _without_key(name, value) for name, value in headers if name.lower() not in _AUTOMATIC}
        return cls(method, _path(target), shown, _redacted(body))

    @classmethod
    def from_httpx(cls, request: httpx.Request) -> RecordedRequest:
        """The recorded form of an httpx request. The body of a stream that was not read is left out."""
        try:
            body = request.content
        except httpx.RequestNotRead:
            body = b""
        return cls.of(request.method, request.url.raw_path.decode("ascii"), request.headers.multi_items(), body)

    @property
    def curl(self) -> str:
        """The request as a bash command that reads the key from `KLING_API_KEY`."""
        words = ["curl", "-X", self.method]
        for name, value in self.headers.items():
            header = shlex.quote(f"{name}: {value}" if value else f"{name};")
            words += ["-H", header.replace(KEY, f"'\"{KEY}\"'")]
        before, body = _body_words(self.body)
        return " ".join([*before, *words, *body, f'"${{KLING_GATEWAY}}"{shlex.quote(self.path)}'])


def _without_key(name: str, value: str) -> str:
    if name.lower() != "authorization":
        return redact(value)
    return value.replace(_MOCK_KEY, KEY) if _MOCK_KEY in value else redact(value)


def _path(target: str) -> str:
    host_and_path = target.partition("://")[2]
    return f"/{host_and_path.partition('/')[2]}" if host_and_path else target


def _redacted(body: bytes) -> bytes:
    try:
        return redact(body.decode()).encode()
    except UnicodeError:  # random bytes
        return body


def _body_words(body: bytes) -> tuple[list[str], list[str]]:
    """The words before the command, and its options, that send the body byte for byte."""
    if not body:
        return [], []
    try:
        text = body.decode()
    except UnicodeError:
        text = ""
    if text.isprintable() and text:
        return [], ["--data-binary", shlex.quote(text)]
    # An argument cannot contain NUL, and a terminal cannot show every byte.
    escaped = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in body)
    return ["printf", f"'{escaped}'", "|"], ["--data-binary", "@-"]
