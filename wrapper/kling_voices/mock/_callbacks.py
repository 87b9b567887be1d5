"""Sending callbacks when they are due, to this machine only unless remote hosts are allowed."""

from __future__ import annotations

import asyncio
import base64
import heapq
import ipaddress
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
from attrs import define, field, frozen

from ..errors import InvalidInputError
from ._messages import encode_json
from ._service import Service
from ._tasks.callbacks import Notice, notices
from ._tasks.task import Callback, MockTask

_TIMEOUT = 10.0  # seconds for a receiver to answer
_KEPT = 200  # deliveries
_LONGEST_SLEEP = 1.0  # seconds; a virtual clock can move at any time
_FORGERS_SECRET = base64.b64encode(b"the secret of a forger").decode()


@frozen
class Delivery:
    """A callback that was sent, or not.

    Attributes:
        callback: The callback.
        outcome: The status of the receiver's response, or why nothing was sent or received.
    """

    callback: Callback
    outcome: str


@define
class Outbox:
    """The callbacks of one gateway that are not sent yet."""

    _service: Service
    _now: Callable[[], float]
    _seen: int = 0
    _planned: list[tuple[float, int, MockTask, Notice]] = field(factory=list)
    _order: Iterator[int] = field(factory=itertools.count)

    def due(self) -> Iterator[tuple[MockTask, Callback]]:
        """Take the callbacks that are due."""
        self._plan()
        while self._planned and self._planned[0][0] <= self._now():
            _, _, task, notice = heapq.heappop(self._planned)
            yield task, self._service.callback(task, notice)

    def seconds_left(self) -> float | None:
        """Seconds until the next callback is due, None if none is planned."""
        self._plan()
        return max(0.0, self._planned[0][0] - self._now()) if self._planned else None

    def _plan(self) -> None:
        ledger = self._service.ledger
        accepted = ledger.accepted[self._seen :]
        self._seen += len(accepted)
        for task in accepted:
            for notice in notices(task, ledger):
                heapq.heappush(self._planned, (notice.due, next(self._order), task, notice))


@asynccontextmanager
async def send_callbacks(
    outbox: Outbox, changed: asyncio.Event, *, secret: str | None, allow_remote: bool
) -> AsyncIterator[deque[Delivery]]:
    """Send callbacks while the context is open; yields the latest deliveries, which grow.

    Args:
        outbox: The callbacks to send.
        changed: Set whenever a callback may have become due.
        secret: The secret to sign with, or None.
        allow_remote: Whether callbacks may leave this machine.

    Raises:
        InvalidInputError: Callbacks cannot be signed with the secret.
    """
    sign = signer(secret)
    deliveries: deque[Delivery] = deque(maxlen=_KEPT)
    sending: dict[str, asyncio.Task[None]] = {}  # the latest callback of each task

    async def send(http: httpx.AsyncClient, callback: Callback, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])  # the callbacks of one task arrive in order, however slow the receiver is
        deliveries.append(
            Delivery(callback, await send_callback(http, callback, sign(callback), allow_remote=allow_remote))
        )

    async def run(http: httpx.AsyncClient) -> None:
        while True:
            changed.clear()
            for task, callback in outbox.due():
                earlier = sending.get(task.task_id)
                sending[task.task_id] = asyncio.create_task(send(http, callback, earlier))
            for task_id in [task_id for task_id, latest in sending.items() if latest.done()]:
                del sending[task_id]
            left = outbox.seconds_left()
            try:
                await asyncio.wait_for(changed.wait(), None if left is None else min(left, _LONGEST_SLEEP))
            except TimeoutError:
                continue

    # Proxy variables of the environment would send callbacks for this machine somewhere else.
    async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as http:
        running = asyncio.create_task(run(http))
        try:
            yield deliveries
        finally:
            for task in (running, *sending.values()):
                task.cancel()
            await asyncio.gather(running, *sending.values(), return_exceptions=True)


def signer(secret: str | None) -> Callable[[Callback], dict[str, str]]:
    """A function that returns the headers of a callback, signed as Standard Webhooks prescribes (V).

    Raises InvalidInputError if the secret is not usable, or the extra `callbacks` is missing.
    """
    if secret is None:
        return lambda _: {}
    try:
        from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook  # noqa: PLC0415 - an extra
    except ImportError:
        raise InvalidInputError(
            "signing callbacks needs the extra `callbacks`: pip install 'kling-voices[callbacks]'"
        ) from None
    try:
        genuine = Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        raise InvalidInputError("callback_secret is not `whsec_` followed by base64") from None
    forged = Webhook(_FORGERS_SECRET)

    def headers(callback: Callback) -> dict[str, str]:
        now = datetime.now(UTC)  # a receiver compares it with its own clock, whatever the time of the mock is
        webhook = forged if callback.is_forged else genuine
        signature = webhook.sign(callback.id, now, encode_json(callback.task).decode())
        return {
            "webhook-id": callback.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }

    return headers


async def send_callback(
    http: httpx.AsyncClient, callback: Callback, headers: dict[str, str], *, allow_remote: bool
) -> str:
    """Send one callback; return the status of the response, or why there is none."""
    try:
        url = httpx.URL(callback.url)
        if not allow_remote and not _is_loopback(url.host):
            return "not sent: the host is not this machine"
        response = await http.post(
            url, content=encode_json(callback.task), headers={"content-type": "application/json", **headers}
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"failed: {type(error).__name__}"
    return str(response.status_code)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
