"""A server in a child process that answers every request with the same created task.

It parses only the end of the header and the content length, so that it is not the bottleneck.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BODY = json.dumps(
    {
        "code": 0,
        "message": "SUCCEED",
        "request_id": "bench-1",
        "data": {
            "task_id": "830460928805724256",
            "task_status": "submitted",
            "task_info": {"external_task_id": "order-17"},
            "created_at": 1781080778802,
            "updated_at": 1781080778802,
        },
    },
    separators=(",", ":"),
).encode()
_RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    """One connection of a client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            length = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < length:
                return
            self._buffer = self._buffer[length:]
            self._transport.write(_RESPONSE)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextmanager
def response_server() -> Iterator[str]:
    """Run the server while the context is open; the value is its base URL."""
    command = [sys.executable, "-m", "benchmarks.response_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
