"""The mock gateway: an account behind three doors, and the ways in which it may misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable

import httpx

from .._http.endpoint import MOCK_KEY
from ..clock import Clock, SystemClock
from ..errors import InvalidInputError
from ._answering import Account, Dialect, answer
from ._asgi import asgi
from ._contract import Contract
from ._faults import Fault, Faults
from ._messages import Reply, Request
from ._state import Callback, MockTask, State
from ._transport import answered


class MockGateway:
    """A gateway that keeps the compiled contract, remembers tasks, and charges nobody.

    Args:
        api_key: The one key that it accepts.
        dialect: `"kling"` answers a create with Kling's envelope, `"documented"` with the echo of the supplied example,
            which names no task: one asks by the external task id then.
        clock: Where time comes from; a `VirtualClock` makes tasks end without waiting.
        creation_seconds: From a create to the end of its task.
        parallel_tasks: How many tasks may run at the same time, at least 1; None for no limit. Over the limit, a create
            is answered with 429 and code 1303, and is not charged (V). A task holds its place from `submitted` until it
            has succeeded or failed. `occupy` sets how many places another customer of the account holds.
        faults: How it misbehaves; the first that applies to a request happens to it.
        seed: For the chance by which faults with a rate happen.

    A task whose audio is named `silence` (`https://example.com/silence.mp3`) fails; every other succeeds.

    Raises:
        InvalidInputError: The dialect is unknown, `parallel_tasks` is below 1, or the extra `mock` is not installed.
    """

    def __init__(
        self,
        api_key: str = MOCK_KEY,
        dialect: Dialect = "kling",
        *,
        clock: Clock | None = None,
        creation_seconds: float = 1.0,
        parallel_tasks: int | None = None,
        faults: Iterable[Fault] = (),
        seed: int = 0,
    ) -> None:
        if dialect not in ("kling", "documented"):
            raise InvalidInputError(f"dialect is {dialect!r}; give 'kling' or 'documented'")
        if parallel_tasks is not None and parallel_tasks < 1:
            raise InvalidInputError(f"parallel_tasks is {parallel_tasks}; give at least 1, or None for no limit")
        self._account = Account(api_key, Contract(), State(creation_seconds, parallel_tasks), dialect)
        self._faults = Faults.seeded(faults, seed)
        self._clock = clock or SystemClock()
        self._exchanges = 0
        self._lock = threading.Lock()
        self.asgi_app = asgi(self.reply)

    def __repr__(self) -> str:
        return f"MockGateway(dialect={self._account.dialect!r}, tasks={len(self.tasks)})"

    @property
    def tasks(self) -> tuple[MockTask, ...]:
        """Every create that was accepted, in order; each would have been charged, whatever was answered."""
        return tuple(self._account.state.tasks.values())

    @property
    def callbacks(self) -> tuple[Callback, ...]:
        """What has been called back until now. The mock records callbacks and sends none."""
        with self._lock:
            return tuple(self._account.state.callbacks(self._clock.time()))

    def misbehave(self, fault: Fault) -> None:
        """From now on, misbehave so, too."""
        self._faults.add(fault)

    def occupy(self, places: int) -> None:
        """From now on, let another customer of the account run that many tasks; 0 frees all of its places.

        Raises InvalidInputError if `places` is negative.
        """
        if places < 0:
            raise InvalidInputError(f"places is {places}; give 0 or more")
        with self._lock:
            self._account.state.occupied = places

    def reply(self, request: Request) -> Reply:
        """Answer one request; safe to call from several threads."""
        with self._lock:
            self._exchanges += 1
            fault = self._fault(request)
            if fault is None:
                return self._answer(request)
            if not fault.accepts:
                return fault.bend(None)
            answer = self._answer(request)
            state = self._account.state
            lose = {"forget": state.forget, "lose_callback": state.lose_callback}.get(fault.kind)
            if lose and answer.status == 200 and (external_task_id := _external_task_id(request)):
                lose(external_task_id)
            return fault.bend(answer)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The door for `httpx.MockTransport`, of a synchronous or an asynchronous client."""
        raw_path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = [(name.lower(), value) for name, value in request.headers.multi_items()]
        return answered(self.reply(Request(request.method, raw_path, query, headers, request.read())), request)

    def _answer(self, request: Request) -> Reply:
        return answer(self._account, request, now=self._clock.time(), request_id=f"mock-{self._exchanges:08d}")

    def _fault(self, request: Request) -> Fault | None:
        if not self._faults:
            return None
        found = self._account.contract.find(request.path)
        operation = found.operations.get(request.method.lower()) if found else None
        return self._faults.choose(operation.operation_id) if operation else None


def _external_task_id(request: Request) -> str | None:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):  # a query that has a body, which nobody reads
        return None
    given = body.get("external_task_id") if isinstance(body, dict) else None
    return given if isinstance(given, str) else None
