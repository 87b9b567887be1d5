"""The mock gateway: one account, its faults, and three ways to connect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from .._http.endpoint import MOCK_KEY
from ..clock import Clock, SystemClock
from ..errors import InvalidInputError
from ._asgi import asgi
from ._contract.routes import Contract, compiled_contract
from ._core import Core
from ._exchanges import Exchange
from ._faults import Fault, Faults
from ._messages import Reply, Request
from ._respond import Account
from ._service import Service
from ._tasks.dialects import Dialect, Forms
from ._tasks.ledger import Ledger
from ._tasks.task import Callback, MockTask
from ._transport import to_response

_LONGEST_ADVANCE = 1e9  # seconds; more would leave the years that a date can express


class MockGateway:
    """A gateway that follows the compiled contract and stores tasks in memory. Nothing is charged.

    It serves every operation of the contract. Kling's task pattern (`POST X` with `external_task_id`, `GET X/{id}`,
    optionally `GET X`) is recognised by its paths and fields (V): its tasks progress and finish, can be queried by
    either id, and have unique external ids. Every other operation responds with its documented example, or with a value
    that is built from its schema.

    The creation of a voice fails if its audio file is named `silence` (`https://example.com/silence.mp3`). Every other
    task succeeds, unless the fault `fail_task` applies to its create.

    Args:
        api_key: The only key that it accepts.
        dialect: The form of the responses.

            `"kling"`: Kling's older envelope, which the voice operations use (V): `data.task_id`, `task_status`,
            `task_result`.

            `"documented"`: the same, but the response to the create of a voice repeats the fields of the
            request, as in the supplied example (S). It contains no task id: query the task by its external id.

            `"kling-v2"`: Kling's newer envelope (V): `data.id`, `status` with `succeeded`, `create_time`,
            `update_time`, `external_id`, `outputs[]` with deleted voices included, `billing[]`.

            The contract describes the voice operations in the older envelope, and `"kling"` and `"documented"` follow
            it for each operation. With `"kling-v2"`, every operation of the task pattern uses the newer envelope, so
            that you can test clients.
        clock: The source of time. With a `VirtualClock`, tasks finish without waiting.
        creation_seconds: Seconds from a create to the end of its task.
        parallel_tasks: Maximum number of tasks that run at the same time, at least 1; None for no limit. Above the
            limit, a create gets 429 and code 1303, and is not charged (V). A task uses a place from `submitted` until
            it has succeeded or failed. `occupy` sets how many places another customer of the account uses.
        faults: The faults. If several faults match a request, the first one applies.
        seed: The seed for faults with a rate.
        success_status: The status of successful tasks, instead of the envelope's own word. Other gateways use
            `"succeeded"`, `"success"`, `"completed"` or `"SUCCESS"` (G). The contract contains only Kling's words.
        contract: Another OpenAPI 3.1 document to serve, instead of the compiled contract.
        callback_secret: The secret that signs callbacks, according to Standard Webhooks (V): `whsec_` and base64.
            Without it, callbacks are not signed. Only `serve` sends callbacks. Signing needs the extra `callbacks`.

    Raises:
        InvalidInputError: An argument has an invalid value, or the extra `mock` is not installed.
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
        success_status: str | None = None,
        contract: Mapping[str, Any] | None = None,
        callback_secret: str | None = None,
    ) -> None:
        if creation_seconds < 0:
            raise InvalidInputError(f"creation_seconds is {creation_seconds}; pass 0 or more")
        if parallel_tasks is not None and parallel_tasks < 1:
            raise InvalidInputError(f"parallel_tasks is {parallel_tasks}; pass at least 1, or None for no limit")
        served = compiled_contract() if contract is None else Contract(contract)
        service = Service(served, Ledger(creation_seconds, parallel_tasks), Forms(dialect, success_status))
        self._core = Core(Account(api_key, service), Faults.seeded(faults, seed), clock or SystemClock())
        self._callback_secret = callback_secret
        self.asgi_app = asgi(self.reply)

    def __repr__(self) -> str:
        return f"MockGateway(dialect={self._core.service.forms.dialect!r}, tasks={len(self.tasks)})"

    @property
    def tasks(self) -> tuple[MockTask, ...]:
        """Every create that was accepted, in order. A real gateway would have charged each of them."""
        return tuple(self._core.ledger.accepted)

    @property
    def callbacks(self) -> tuple[Callback, ...]:
        """The callbacks that have been due until now, in order. Only `serve` sends them."""
        return self._core.callbacks()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The latest 200 exchanges."""
        return tuple(self._core.exchanges)

    def advance(self, seconds: float) -> None:
        """Move the time of the mock forward, with any clock.

        Raises InvalidInputError if `seconds` is negative, or above 1,000,000,000.
        """
        if not 0 <= seconds <= _LONGEST_ADVANCE:
            raise InvalidInputError(f"seconds is {seconds}; pass 0 to 1,000,000,000")
        self._core.advanced += seconds
        self._core.changed()

    def misbehave(self, fault: Fault) -> None:
        """Switch a fault on, in addition to the others."""
        self._core.faults.add(fault)

    def behave(self) -> None:
        """Switch all faults off."""
        self._core.faults.clear()

    def occupy(self, places: int) -> None:
        """Simulate another customer of the account who uses `places` places; 0 frees them.

        Raises InvalidInputError if `places` is negative.
        """
        if places < 0:
            raise InvalidInputError(f"places is {places}; pass 0 or more")
        self._core.ledger.occupied = places

    def on_exchange(self, listener: Callable[[Exchange], None]) -> None:
        """From now on, call `listener` after each exchange, in the thread that handles the request."""
        self._core.observers.append(listener)

    def reply(self, request: Request) -> Reply:
        """Handle one request. Thread-safe."""
        return self._core.reply(request)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The handler for `httpx.MockTransport`, of a synchronous or an asynchronous client."""
        raw_path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = [(name.lower(), value) for name, value in request.headers.multi_items()]
        return to_response(self.reply(Request(request.method, raw_path, query, headers, request.read())), request)

    def serve(
        self, host: str = "127.0.0.1", port: int = 0, *, allow_remote_callbacks: bool = False
    ) -> AbstractAsyncContextManager[str]:
        """Serve over HTTP/1.1 on asyncio while the context is open; yields the base URL.

        The page `/_mock/` shows tasks, charges and exchanges. Callbacks are sent when they are due.

        Args:
            host: The address to listen on.
            port: The port; 0 chooses a free one.
            allow_remote_callbacks: Whether callbacks may be sent to hosts other than this machine.

        Raises:
            InvalidInputError: The callback secret is not usable, or the extra `callbacks` is needed to sign.
            OSError: The address cannot be used.
        """
        from ._serve import serve_gateway  # noqa: PLC0415 - asyncio is slow to import, and few callers serve

        return serve_gateway(
            self, self._core, host, port, secret=self._callback_secret, allow_remote_callbacks=allow_remote_callbacks
        )
