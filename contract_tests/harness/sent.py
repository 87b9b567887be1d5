"""A request that was sent, so that a failure can be shown and sent again; without the key and any signature."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx
from kling_voices._secrets import conceal

KEY = "${KLING_API_KEY}"  # what stands for the key, as bash reads it
_MOCK_KEY = "mock-key"
_ADDED = {"host", "content-length", "connection", "accept-encoding"}  # what any client adds by itself


class Sent(NamedTuple):
    """A request as data."""

    method: str
    path: str  # with its query
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Sent:
        """The request with what must not be shown left out; `target` is a URL or a path."""
        shown = {name: _without_key(name, value) for name, value in headers if name.lower() not in _ADDED}
        return cls(method, _path(target), shown, _concealed(body))

    @property
    def curl(self) -> str:
        """The request as a command for bash; the key is the variable's."""
        words = ["curl", "-X", self.method]
        for name, value in self.headers.items():
            header = shlex.quote(f"{name}: {value}" if value else f"{name};")
            words += ["-H", header.replace(KEY, f"'\"{KEY}\"'")]
        given, body = _given(self.body)
        return " ".join([*given, *words, *body, f'"${{KLING_GATEWAY}}"{shlex.quote(self.path)}'])


class Watch:
    """Remembers the last request that was made with httpx: where a test fails, the one that it failed on."""

    def __init__(self) -> None:
        self._last: httpx.Request | None = None

    def forget(self) -> None:
        """Begin anew: the next test's requests are its own."""
        self._last = None

    def last(self) -> Sent | None:
        """The last request, or None where none was made."""
        request = self._last
        if request is None:
            return None
        try:
            body = request.content
        except httpx.RequestNotRead:  # a stream that nobody has read
            body = b""
        return Sent.of(request.method, request.url.raw_path.decode("ascii"), request.headers.multi_items(), body)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While entered, every request that httpx makes is seen; whatever transport or handler it goes to."""
        make = httpx.Request.__init__

        def made(request: httpx.Request, *args: object, **kwargs: object) -> None:
            make(request, *args, **kwargs)  # type: ignore[arg-type]
            self._last = request

        httpx.Request.__init__ = made  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            httpx.Request.__init__ = make  # type: ignore[method-assign]


def _without_key(name: str, value: str) -> str:
    if name.lower() != "authorization":
        return conceal(value)
    return value.replace(_MOCK_KEY, KEY) if _MOCK_KEY in value else conceal(value)


def _path(target: str) -> str:
    host_and_path = target.partition("://")[2]
    return f"/{host_and_path.partition('/')[2]}" if host_and_path else target


def _concealed(body: bytes) -> bytes:
    try:
        return conceal(body.decode()).encode()
    except UnicodeError:  # bytes at random, made by a generator
        return body


def _given(body: bytes) -> tuple[list[str], list[str]]:
    """What stands before the command, and its options, that the body goes out byte for byte."""
    if not body:
        return [], []
    try:
        text = body.decode()
    except UnicodeError:
        text = ""
    if text.isprintable() and text:
        return [], ["--data-binary", shlex.quote(text)]
    # An argument cannot hold a NUL, and a terminal not show every byte.
    escaped = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in body)
    return ["printf", f"'{escaped}'", "|"], ["--data-binary", "@-"]
