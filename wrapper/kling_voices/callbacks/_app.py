"""The ASGI app that receives callbacks."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

import anyio
from anyio import to_thread

from .._flows import notifications
from .._flows.validation import validate_count
from .._http.override import overridable
from ..client import AsyncKlingVoices, KlingVoices
from ..clock import Clock, SystemClock
from ..errors import CallbackError, InvalidInputError
from ._asgi import Disconnected, Receive, Refused, Scope, Send, path_within_mount, read_body, respond, serve_lifespan
from ._background import Background
from ._deliveries import Client, Deliveries, Handler
from ._headers import webhook_headers
from ._queue import CallbackStore, QueuedCallback
from ._read import BODY_LIMIT, read_unverified
from ._signatures import SignatureVerifier
from ._sqlite import SQLiteStore

logger = logging.getLogger("kling_voices")

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,256}")
_MAX_REQUESTS = 100  # requests whose bodies are read at the same time
_BODY_SECONDS = 10.0
_STOP_SECONDS = 10.0  # how long a stop waits for handlers that are running


class CallbackApp:
    """An ASGI app that receives callbacks, queries the gateway, and passes the tasks to your function.

    It handles `POST /{token}`, below the path at which it is mounted. The app queues a callback and responds
    immediately. Then it queries the task, and passes the task from the gateway's response to `on_task`. So a forged
    callback causes at most one query, and never a wrong task. Duplicates are dropped, and `on_task` is called once for
    each status of a task. If the query or `on_task` fails, it is retried with growing delays. After `max_attempts`,
    `failed()` lists the callback.

    After a callback, a `wait` for the task polls immediately, for every client in this process.

    Mount it in FastAPI or Starlette, or serve it alone, on asyncio or trio. Servers send lifespan events only to the
    outermost app. So pass the app's lifespan to it (`FastAPI(lifespan=app.lifespan)`). Then callbacks that were queued
    before a restart are handled at the start. Otherwise they are handled when the next callback arrives.

    Args:
        client: The client that queries the gateway. An asynchronous client must belong to the same event loop.
        token: The last part of the path, a secret: 16 to 256 letters, digits and `-._~`. Create one with
            `secrets.token_urlsafe(24)`.
        secret: The signing secret of the Kling account (V). None: signatures are not verified.
        on_task: Called with the task from the gateway's response to the query. A synchronous function runs in a thread.
            After a crash it may be called again with the same task.
        store: The queue of callbacks. None: memory, which is lost at a restart. `SQLiteStore(path)` survives a restart.
        max_queued: Maximum number of queued callbacks. Further callbacks get 503, so that the sender tries again.
        parallel: Maximum number of callbacks that are handled at the same time.
        max_attempts: Maximum number of attempts for a callback.
        clock: Time, sleeping and randomness, for tests. None: the clock of the operating system.

    Raises:
        InvalidInputError: An argument is invalid, or the secret is given and the extra `callbacks` is not installed.
    """

    def __init__(
        self,
        client: Client,
        *,
        token: str,
        secret: str | None = None,
        on_task: Handler,
        store: CallbackStore | None = None,
        max_queued: int = 1000,
        parallel: int = 4,
        max_attempts: int = 10,
        clock: Clock | None = None,
    ) -> None:
        _validate(client, token, on_task)
        for name, value in (("max_queued", max_queued), ("parallel", parallel), ("max_attempts", max_attempts)):
            validate_count(name, value, range(1, 1_000_001))
        self._clock = overridable(clock or SystemClock())
        self._path = f"/{token}".encode()
        self._verifier = None if secret is None else SignatureVerifier(secret)
        self._store = store or SQLiteStore()
        self._max_queued = max_queued
        self._deliveries = Deliveries(
            client, on_task, self._store, self._clock, parallel=parallel, max_attempts=max_attempts
        )
        self._background = Background()
        self._reading = 0
        self._attempts: dict[str, anyio.Event] = {}  # of each callback that is being handled: after its first attempt
        self._is_stopping = False
        notifications.notifier.add_source(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(is_signed={self._verifier is not None})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await serve_lifespan(receive, send, self.lifespan())
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            raise NotImplementedError(f"the app does not support the ASGI scope type {scope['type']!r}")

    @asynccontextmanager
    async def lifespan(self, _app: object = None) -> AsyncIterator[None]:
        """Handle queued callbacks from the start. At the end, wait up to 10 seconds for running handlers.

        `FastAPI(lifespan=app.lifespan)` and `Starlette(lifespan=app.lifespan)` use it; so can `async with`.
        """
        async with self._background.running():
            self._is_stopping = False
            await self._deliver(await to_thread.run_sync(self._store.queued))
            try:
                yield
            finally:
                self._is_stopping = True
                with anyio.move_on_after(_STOP_SECONDS):
                    for attempted in tuple(self._attempts.values()):
                        await attempted.wait()

    def failed(self) -> tuple[QueuedCallback, ...]:
        """The callbacks that failed `max_attempts` times, oldest first, with the failure of the last attempt."""
        return self._store.failed()

    async def retry_failed(self) -> int:
        """Try the failed callbacks again, and return how many there are."""
        keys = await to_thread.run_sync(self._store.retry_failed)
        await self._deliver(keys)
        return len(keys)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            callback = await self._receive(scope, receive)
            is_new = await self._queue(callback)
        except Disconnected:
            return
        except Refused as refusal:
            await respond(send, refusal.status, str(refusal), refusal.headers)
            return
        await respond(send, HTTPStatus.OK, "queued" if is_new else "received before")
        if is_new and callback.key in self._attempts:  # a test client ends its event loop when this function returns
            await self._attempts[callback.key].wait()

    async def _receive(self, scope: Scope, receive: Receive) -> QueuedCallback:
        path = path_within_mount(scope).encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(path, self._path):
            raise Refused(HTTPStatus.NOT_FOUND, "not found")
        if scope["method"] != "POST":
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "callbacks must be sent with POST", allow="POST")
        if self._is_stopping or self._reading >= _MAX_REQUESTS:
            raise _busy()
        self._reading += 1
        try:
            body = await read_body(scope, receive, limit=BODY_LIMIT, seconds=_BODY_SECONDS)
        finally:
            self._reading -= 1
        return self._read(body, scope)

    def _read(self, body: bytes, scope: Scope) -> QueuedCallback:
        status = HTTPStatus.UNAUTHORIZED
        try:
            headers = webhook_headers(scope["headers"])
            if self._verifier:
                self._verifier.verify(body, headers, now=self._clock.time())
            status = HTTPStatus.BAD_REQUEST
            return QueuedCallback.from_callback(read_unverified(body, headers))
        except CallbackError as error:
            logger.warning("a callback was refused: %s", error)
            raise Refused(status, str(error)) from None

    async def _queue(self, callback: QueuedCallback) -> bool:
        """Queue a callback durably, and start to handle it; False for a duplicate."""
        add = partial(self._store.add, callback, limit=self._max_queued, now=self._clock.time())
        try:
            added = await to_thread.run_sync(add)
            if added == "added":
                is_first = not self._background.is_open  # then there may be others that an earlier run left
                await self._deliver(await to_thread.run_sync(self._store.queued) if is_first else (callback.key,))
        except Exception:
            logger.exception("the store of callbacks failed, so the sender is asked to try again")
            raise _busy() from None
        if added == "full":
            raise _busy()
        return added == "added"

    async def _deliver(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in self._attempts:
                self._attempts[key] = attempted = anyio.Event()
                await self._background.start_soon(self._run, key, attempted)

    async def _run(self, key: str, attempted: anyio.Event) -> None:
        try:
            await self._deliveries.deliver(key, attempted.set)
        finally:
            del self._attempts[key]


def _busy() -> Refused:
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too many callbacks; try again later", retry_after="5")


def _validate(client: object, token: object, on_task: object) -> None:
    if not isinstance(client, (KlingVoices, AsyncKlingVoices)):
        raise InvalidInputError(
            f"client is of type {type(client).__name__}; pass a KlingVoices or an AsyncKlingVoices object"
        )
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise InvalidInputError(
            "token must have 16 to 256 letters, digits and '-._~'; make one with secrets.token_urlsafe(24)"
        )
    if not callable(on_task):
        raise InvalidInputError(f"on_task is of type {type(on_task).__name__}; pass a function that takes the task")
