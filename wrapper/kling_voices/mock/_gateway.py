"""The mock gateway: state, contract and key behind three doors."""

from __future__ import annotations

import threading

import httpx

from .._clock import Clock, SystemClock
from .._gateways import MOCK_KEY
from ..errors import InvalidInputError
from ._answering import Account, Dialect, answer
from ._asgi import asgi
from ._contract import Contract
from ._messages import Reply, Request
from ._state import MockTask, State


class MockGateway:
    """A gateway that keeps the compiled contract, remembers tasks, and charges nobody.

    Args:
        api_key: The one key that it accepts.
        dialect: `"kling"` answers a create with Kling's envelope, `"documented"` with the echo of the supplied example,
            which names no task: one asks by the external task id then.
        clock: Where time comes from; a `VirtualClock` makes tasks end without waiting.
        creation_seconds: From a create to the end of its task.

    A task whose audio is named `silence` (`https://example.com/silence.mp3`) fails; every other succeeds.
    """

    def __init__(
        self,
        api_key: str = MOCK_KEY,
        dialect: Dialect = "kling",
        *,
        clock: Clock | None = None,
        creation_seconds: float = 1.0,
    ) -> None:
        if dialect not in ("kling", "documented"):
            raise InvalidInputError(f"dialect is {dialect!r}; give 'kling' or 'documented'")
        self._account = Account(api_key, Contract(), State(creation_seconds), dialect)
        self._clock = clock or SystemClock()
        self._exchanges = 0
        self._lock = threading.Lock()
        self.asgi_app = asgi(self.reply)

    def __repr__(self) -> str:
        return f"MockGateway(dialect={self._account.dialect!r}, tasks={len(self.tasks)})"

    @property
    def tasks(self) -> tuple[MockTask, ...]:
        """Every create that was accepted, in order; each would have been charged."""
        return tuple(self._account.state.tasks.values())

    def reply(self, request: Request) -> Reply:
        """Answer one request; safe to call from several threads."""
        with self._lock:
            self._exchanges += 1
            return answer(self._account, request, now=self._clock.time(), request_id=f"mock-{self._exchanges:08d}")

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The door for `httpx.MockTransport`, of a synchronous or an asynchronous client."""
        raw_path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = [(name.lower(), value) for name, value in request.headers.multi_items()]
        reply = self.reply(Request(request.method, raw_path, query, headers, request.read()))
        return httpx.Response(reply.status, headers=list(reply.headers), content=reply.body, request=request)
