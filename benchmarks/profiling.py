"""Where the microseconds of one call go, and what the floor is: the same exchange by a raw socket."""

from __future__ import annotations

import json
import socket
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

import httpx
from kling_voices import KlingVoices, _checks, _operations
from kling_voices._flows.steps import SendRequest
from kling_voices._http.endpoint import Endpoint
from kling_voices._http.requests import build_request
from kling_voices._protocol.responses import RawResponse, parse
from kling_voices._protocol.tasks import parse_task

from . import canned
from .measure import wall_time
from .one_call import BODY, PATH, answer, bare, ours

Call: TypeAlias = Callable[[], object]

_TIMES, _ROUNDS = 100, 45
_NOWHERE = "http://gateway.example"


class Share(NamedTuple):
    """A part of the call."""

    part: str
    microseconds: float


def measure() -> Iterator[Share]:
    """The parts of a call on a mock transport, each by itself; then the wholes, there and on loopback."""
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        parts = _parts(http)
        client = KlingVoices("key", gateway=_NOWHERE, http_client=http)
        mocked = {
            "the whole on a mock transport": ours(client),
            "bare httpx on a mock transport": bare(http, _NOWHERE),
        }
        took = _microseconds(parts | mocked)
    whole = took["the whole on a mock transport"]
    yield from (Share(part, took[part]) for part in parts)
    rest = whole - sum(took[part] for part in parts)
    yield Share("what the parts cost each other, and the plan that joins them", rest)
    yield from (Share(part, took[part]) for part in mocked)
    with (
        canned.canned_server() as base_url,
        httpx.Client() as http,
        KlingVoices("key", gateway=base_url) as client,
        _raw_exchange(base_url) as exchange,
    ):
        served = {
            "the whole on loopback": ours(client),
            "bare httpx on loopback": bare(http, base_url),
            "a raw socket on loopback: the floor": exchange,
        }
        yield from map(Share._make, _microseconds(served).items())


def _parts(http: httpx.Client) -> dict[str, Call]:
    destination = Endpoint("x", _NOWHERE, "key")
    step = SendRequest(_operations.build(_operations.CREATE, {"body": BODY}), 60.0)
    request = build_request(http, destination, step)
    came = RawResponse(200, {}, canned.BODY)
    success = parse(came)
    return {
        "the arguments are checked": _check,
        "the generated code describes the request": lambda: _operations.build(_operations.CREATE, {"body": BODY}),
        "the request is written": lambda: build_request(http, destination, step),
        "httpx sends it and reads the answer": lambda: http.send(request, auth=None, stream=True).read(),
        "the answer is interpreted": lambda: parse(came),
        "the task is read": lambda: parse_task(success, BODY),
    }


def _check() -> None:
    _checks.check_voice_name(BODY["voice_name"])
    _checks.check_source(BODY["voice_url"], None)
    _checks.check_callback_url(None)
    _checks.check_external_task_id(None)
    _checks.check_extra_body(None, frozenset())


@contextmanager
def _raw_exchange(base_url: str) -> Iterator[Call]:
    body = json.dumps(BODY).encode()
    host = urlsplit(base_url)
    assert host.hostname is not None
    head = f"POST {PATH} HTTP/1.1\r\nhost: {host.netloc}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection((host.hostname, host.port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def exchange() -> None:
            connection.sendall(head + body)
            connection.recv(65536)

        yield exchange


def _microseconds(calls: dict[str, Call]) -> dict[str, float]:
    """The median for each, measured in turns."""
    timed = {name: wall_time(call, _TIMES) for name, call in calls.items()}
    took: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, run in timed.items():
            took[name].append(run())
    return {name: 1e6 * statistics.median(seconds) / _TIMES for name, seconds in took.items()}
