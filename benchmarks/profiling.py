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
from .one_call import BODY, PATH, answer, bare, ours

_TIMES, _ROUNDS = 300, 15


class Share(NamedTuple):
    """A part of the call."""

    part: str
    microseconds: float


def measure() -> Iterator[Share]:
    """The parts of a call on a mock transport, each by itself; then the wholes, there and on loopback."""
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        yield from _parts(http)
    with (
        canned.canned_server() as base_url,
        httpx.Client() as http,
        KlingVoices("key", gateway=base_url) as client,
    ):
        yield Share("the whole on loopback", _microseconds(ours(client)))
        yield Share("bare httpx on loopback", _microseconds(bare(http, base_url)))
        yield Share("a raw socket on loopback: the floor", _raw(base_url))


def _parts(http: httpx.Client) -> Iterator[Share]:
    destination = Destination("x", "http://gateway.example", "key")
    step = Send(_operations.build(_operations.CREATE, {"body": BODY}), 60.0)
    request = build_request(http, destination, step)
    came = Answer(200, {}, canned.BODY)
    success = interpret(came)
    parts: dict[str, Callable[[], object]] = {
        "the arguments are checked": _check,
        "the generated code describes the request": lambda: _operations.build(_operations.CREATE, {"body": BODY}),
        "the request is written": lambda: build_request(http, destination, step),
        "httpx sends it and reads the answer": lambda: http.send(request, auth=None, stream=True).read(),
        "the answer is interpreted": lambda: interpret(came),
        "the task is read": lambda: read_task(success, BODY),
    }
    took = {part: _microseconds(call) for part, call in parts.items()}
    whole = _microseconds(ours(KlingVoices("key", gateway=destination.base_url, http_client=http)))
    for part, microseconds in took.items():
        yield Share(part, microseconds)
    yield Share("what the parts cost each other, and the plan that joins them", whole - sum(took.values()))
    yield Share("the whole on a mock transport", whole)
    yield Share("bare httpx on a mock transport", _microseconds(bare(http, destination.base_url)))


def _check() -> None:
    _checks.check_voice_name(BODY["voice_name"])
    _checks.check_source(BODY["voice_url"], None)


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
