"""An S3 server on this machine that verifies signatures: nanio, the one such server that pip installs.

moto accepts wrong signatures, and MinIO, Garage and SeaweedFS are no Python packages. nanio ignores object metadata and
conditional writes, so nothing in `kling_voices.staging` may depend on these.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from attrs import frozen

BUCKET = "bucket"


@frozen
class ObjectStore:
    """A running server. A bucket is a folder below `folder`."""

    endpoint: str
    folder: Path
    access_key: str = "test-access-key"
    secret_key: str = "test-secret-key"

    @property
    def environment(self) -> dict[str, str]:
        """The usual variables of S3 clients."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
        }

    def names(self) -> list[str]:
        """All objects, as paths below the bucket."""
        bucket = self.folder / BUCKET
        return sorted(
            path.relative_to(bucket).as_posix()
            for path in bucket.rglob("*")
            if path.is_file() and not path.relative_to(bucket).as_posix().startswith(".")
        )


@contextmanager
def running_store(folder: Path) -> Iterator[ObjectStore]:
    """Start a server with one empty bucket, and stop it at the end."""
    (folder / BUCKET).mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = ObjectStore(f"http://127.0.0.1:{port}", folder)
    keys = {"NANIO_ACCESS_KEY": store.access_key, "NANIO_SECRET_KEY": store.secret_key}
    arguments = ["serve", "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    with (folder.parent / f"{folder.name}.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "nanio", *arguments], env={**os.environ, **keys}, stdout=log, stderr=log
        )
        try:
            _wait_for(store.endpoint, server)
            yield store
        finally:
            server.terminate()
            server.wait()


def _wait_for(endpoint: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(endpoint)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the object store did not start")
