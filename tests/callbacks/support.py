"""A mock gateway with a task, and an app that receives its callbacks, called without a server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
from attrs import define, field
from kling_voices import AsyncKlingVoices, VoiceTask
from kling_voices.callbacks import CallbackApp
from kling_voices.mock import MockGateway, VirtualClock
from standardwebhooks import Webhook

TOKEN = "token-0123456789-abcdef"
SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
URL = "https://example.com/ada.mp3"


@define
class Receiver:
    """An app, what its handler was called with, and the gateway that it queries."""

    clock: VirtualClock = field(factory=VirtualClock)
    gateway: MockGateway = field(init=False)
    tasks: list[VoiceTask] = field(factory=list)
    queried: list[str] = field(factory=list)
    app: CallbackApp = field(init=False)
    client: AsyncKlingVoices = field(init=False)
    queried_instead: str | None = None  # the id of the task in the response to every query

    def __attrs_post_init__(self) -> None:
        self.gateway = MockGateway(clock=self.clock, creation_seconds=10)

    def open_app(self, **options: Any) -> CallbackApp:
        """A new app for the same gateway, as after a restart."""
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.client = AsyncKlingVoices("mock-key", gateway="mock", http_client=http, clock=self.clock)
        self.app = CallbackApp(
            self.client, **{"token": TOKEN, "on_task": self.tasks.append, "clock": self.clock, **options}
        )
        return self.app

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            path, _, queried = request.url.path.rpartition("/")
            self.queried.append(queried)
            if self.queried_instead:
                request = httpx.Request(
                    "GET", f"http://mock.invalid{path}/{self.queried_instead}", headers=request.headers
                )
        return self.gateway.handle(request)

    @property
    def statuses(self) -> list[str | None]:
        """The statuses that the handler has seen."""
        return [task.status for task in self.tasks]

    async def post(self, body: Any, headers: dict[str, str] | None = None, **request: Any) -> httpx.Response:
        """Send a request to the app; it returns after the first attempt to handle the callback."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = {"method": "POST", "url": f"/{TOKEN}", "content": content, "headers": headers, **request}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://callbacks.test") as http:
            return await http.request(**request)


@asynccontextmanager
async def open_receiver(**options: Any) -> AsyncIterator[tuple[Receiver, str]]:
    """A receiver without a lifespan, and the id of a task that was just submitted."""
    receiver = Receiver()
    receiver.open_app(**options)
    task = await receiver.client.create_voice("Ada", voice_url=URL, external_task_id="order-17")
    assert task.task_id
    yield receiver, task.task_id


def older(task_id: str, status: str = "succeed") -> dict[str, Any]:
    """Kling's older callback body."""
    return {"task_id": task_id, "task_status": status, "task_status_msg": "", "task_info": {}}


def sign(body: bytes, timestamp: float, message_id: str = "msg-1", secret: str = SECRET) -> dict[str, str]:
    """The headers of a signed callback."""
    moment = datetime.fromtimestamp(int(timestamp), UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(timestamp)),
        "webhook-signature": Webhook(secret).sign(message_id, moment, body.decode()),
    }


def raising(times: int, then: Callable[[VoiceTask], object]) -> Callable[[VoiceTask], object]:
    """A handler that fails the first `times` times."""
    left = [times]

    def handle(task: VoiceTask) -> object:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError("the database is gone")
        return then(task)

    return handle


async def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition is true; raises TimeoutError after some seconds."""
    with anyio.fail_after(10):
        while not condition():  # noqa: ASYNC110 - the code of the condition has no events
            await anyio.sleep(0.001)
