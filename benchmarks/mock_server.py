"""The mock gateway's server compared with Prism, which mocks the same contract, under the same load."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from importlib.resources import files

from .measure import Comparison, Measurement, Skipped, compare_alternately
from .one_call import BODY, PATH
from .processes import free_port, running_server

CREATES = 1_000
_numbers = itertools.count()
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def _request(host: str) -> bytes:
    body = json.dumps({**BODY, "external_task_id": f"bench-{next(_numbers)}"}).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer mock-key\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Client(asyncio.Protocol):
    """Sends creates one after another over one connection. Written by hand, so that the load generator costs little."""

    def __init__(self, host: str, times: Iterator[int]) -> None:
        self._host, self._times = host, times
        self._received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        if b" 200 " not in head.partition(b"\r\n")[0]:
            self.done.set_exception(RuntimeError(f"the server rejected a create: {head!r}"))
            return
        length = _LENGTH.search(head)
        if body.endswith(b"0\r\n\r\n") if length is None else len(body) >= int(length[1]):
            self._received = b""
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or RuntimeError("the server closed the connection"))

    def _send(self) -> None:
        if next(self._times, None) is None:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._transport.write(_request(self._host))


def _load(port: int, concurrency: int) -> Measurement:
    async def send_all(times: Iterator[int]) -> None:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: _Client(f"127.0.0.1:{port}", times), "127.0.0.1", port)
        await client.done

    async def run() -> float:
        times = iter(range(CREATES))
        start = time.perf_counter()
        await asyncio.gather(*(send_all(times) for _ in range(concurrency)))
        return time.perf_counter() - start

    return lambda: asyncio.run(run())


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """All comparisons of the server."""
    prism = shutil.which("prism")
    if prism is None:
        yield Skipped(
            "mock server, creates", "Prism 5", "prism is not installed; npm's package is @stoplight/prism-cli"
        )
        return
    ours, theirs = free_port(), free_port()
    serve = "from kling_voices.cli import main; main()"
    mock = (sys.executable, "-c", serve, "mock", "--no-log", "--port", str(ours))
    contract = str(files("kling_gateway").joinpath("contract.json"))
    peer = (prism, "mock", "--host", "127.0.0.1", "--port", str(theirs), "--verboseLevel", "silent", contract)
    with running_server(*mock, port=ours), running_server(*peer, port=theirs):
        for concurrency in (1, 32):
            what = f"mock server, {CREATES:,} creates at concurrency {concurrency}, request log off"
            load = (_load(ours, concurrency), _load(theirs, concurrency))
            yield compare_alternately(what, "Prism 5, log silenced", 0.67, *load, rounds=rounds, calls=CREATES)
