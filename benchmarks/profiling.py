"""Where the microseconds of one call go, and what the floor is: the same exchange by a raw socket."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from kling_voices import KlingVoices, _checks, _operations
from kling_voices._answers import Answer, interpret
from kling_voices._gateways import Destination
from kling_voices._outgoing import build_request
from kling_voices._steps import Send
from kling_voices._tasks import read_task

from . import canned
from .one_call import BODY, HEADERS, PATH

_TIMES, _ROUNDS = 300, 15


class Share(NamedTuple):
    """A part of the call."""

    part: str
    microseconds: float


def measure() -> Iterator[Share]:
    """The parts on their own, then the wholes on loopback."""
    destination = Destination("x", "http://gateway.example", "key")
    fields = {"voice_name": BODY["voice_name"], "voice_url": BODY["voice_url"]}
    described = _operations.build(_operations.CREATE, {"body": BODY})
    answer = Answer(200, {}, canned.BODY)
    success = interpret(answer)
    with httpx.Client() as http:
        parts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("checks of the arguments", lambda: _check(fields)),
            ("the generated operation's request", lambda: _operations.build(_operations.CREATE, {"body": BODY})),
            ("httpx's request", lambda: build_request(http, destination, Send(described, 60.0))),
            ("the answer's meaning", lambda: interpret(answer)),
            ("the task", lambda: read_task(success, BODY)),
        )
        for part, call in parts:
            yield Share(part, _microseconds(call))
    with canned.canned_server() as base_url, httpx.Client() as bare, KlingVoices("key", gateway=base_url) as client:
        yield Share(
            "the whole, on loopback", _microseconds(lambda: client.create_voice("Ada", voice_url=BODY["voice_url"]))
        )
        yield Share(
            "bare httpx, on loopback",
            _microseconds(lambda: bare.post(f"{base_url}{PATH}", json=BODY, headers=HEADERS).json()),
        )
        yield Share("a raw socket, on loopback", _raw(base_url))


def _check(fields: dict[str, str]) -> None:
    _checks.check_voice_name(fields["voice_name"])
    _checks.check_source(fields["voice_url"], None)


def _raw(base_url: str) -> float:
    body = json.dumps(BODY).encode()
    host = urlsplit(base_url)
    assert host.hostname is not None
    head = f"POST {PATH} HTTP/1.1\r\nhost: {host.netloc}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection((host.hostname, host.port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def exchange() -> None:
            connection.sendall(head + body)
            connection.recv(65536)

        return _microseconds(exchange)


def _microseconds(call: Callable[[], object]) -> float:
    took = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for _ in range(_TIMES):
            call()
        took.append((time.perf_counter() - start) / _TIMES)
    return 1e6 * statistics.median(took)
