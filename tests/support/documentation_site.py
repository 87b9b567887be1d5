"""A documentation site on a loopback socket, which can misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from attrs import field, frozen


@frozen
class Answer:
    """What the site sends."""

    body: bytes | Callable[[], Iterator[bytes]] = b""
    status: int = 200
    headers: dict[str, str] = field(factory=lambda: {"Content-Type": "text/markdown; charset=utf-8"})
    waits_for: Callable[[], Any] | None = None
    """Called before anything is sent."""


@frozen
class Site:
    """A running site: its URL, its pages by path, and the requests that arrived."""

    url: str
    pages: dict[str, Answer]
    requests: list[tuple[str, dict[str, str]]]

    def publish(self, path: str, content: bytes, etag: str | None = None) -> str:
        """Publish a page; returns its URL. A conditional request with its ETag is answered with 304."""
        headers = {"Content-Type": "text/markdown; charset=utf-8", **({"ETag": etag} if etag else {})}
        self.pages[path] = Answer(content, headers=headers)
        return f"{self.url}{path}"


@contextmanager
def documentation_site() -> Iterator[Site]:
    """Serve a site that has no page yet."""
    pages: dict[str, Answer] = {}
    requests: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            requests.append((self.path, headers))
            answer = pages.get(self.path, Answer(status=404))
            if answer.waits_for is not None:
                answer.waits_for()
            etag = answer.headers.get("ETag")
            is_known = etag is not None and headers.get("if-none-match") == etag
            self.send_response(304 if is_known else answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not is_known:
                self._send(answer)

        def _send(self, answer: Answer) -> None:
            chunks = [answer.body] if isinstance(answer.body, bytes) else answer.body()
            try:
                for chunk in chunks:
                    self.wfile.write(chunk)
            except OSError:  # the client has closed the connection
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_address[1]}", pages, requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
