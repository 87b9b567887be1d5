"""Whether HTTP/2 would be faster: the same creates over TLS, as they are sent and by an httpx client with HTTP/2.

Told without a bound. It is the client's processor time that counts: what the server, which is written in Python too,
takes for either protocol is no matter of the client's.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from kling_voices import AsyncKlingVoices

from . import canned
from .many_calls import at_once
from .measure import Comparison, Measured, Skipped, in_turns
from .one_call import BODY
from .servers import free_port, started

CREATES = 1_000


async def app(scope: Any, receive: Any, send: Any) -> None:
    """What hypercorn serves: it answers every create the same."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(canned.BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": canned.BODY})


def _creates(base_url: str, concurrency: int, http: Callable[[], httpx.AsyncClient | None]) -> Measured:
    async def run() -> float:
        given = http()
        async with AsyncKlingVoices("key", gateway=base_url, http_client=given) as client:
            call = partial(client.create_voice, BODY["voice_name"], voice_url=BODY["voice_url"])
            try:
                return await at_once(call, CREATES, concurrency, clock=time.process_time)
            finally:
                if given:
                    await given.aclose()

    return lambda: asyncio.run(run())


def compare(rounds: int) -> Iterator[Comparison | Skipped]:
    """The comparisons of the protocols."""
    what = f"{CREATES:,} async creates over TLS, HTTP/1.1 by aiohttp: processor time"
    try:
        import h2  # noqa: F401 - httpx needs it
        import hypercorn  # noqa: F401 - it serves both
        import trustme
    except ImportError as error:
        yield Skipped(what, "the same over HTTP/2 by httpx", f"{error.name} is not installed")
        return
    with tempfile.TemporaryDirectory() as folder, _trusted(trustme.CA(), Path(folder)) as certificate:
        port = free_port()
        options = ("--bind", f"127.0.0.1:{port}", "--certfile", certificate, "--keyfile", certificate)
        with started(sys.executable, "-m", "hypercorn", *options, "benchmarks.http2:app", port=port):
            base_url = f"https://localhost:{port}"
            for concurrency in (1, 64):
                yield in_turns(
                    f"{what}, concurrency {concurrency}",
                    "the same over HTTP/2 by httpx",
                    None,
                    _creates(base_url, concurrency, lambda: None),
                    _creates(base_url, concurrency, partial(httpx.AsyncClient, http2=True)),
                    rounds=rounds,
                    per=CREATES,
                )


@contextmanager
def _trusted(authority: Any, folder: Path) -> Iterator[str]:
    """A certificate for localhost, in a file; who asks the environment whom to trust trusts it."""
    issued, trusted = folder / "certificate.pem", folder / "authority.pem"
    issued.write_bytes(authority.issue_cert("localhost").private_key_and_cert_chain_pem.bytes())
    authority.cert_pem.write_to_path(str(trusted))
    with patch.dict(os.environ, SSL_CERT_FILE=str(trusted)):
        yield str(issued)
