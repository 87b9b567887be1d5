"""Callbacks: what is recorded in process, and what the served mock really sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from attrs import define, field
from kling_voices import InvalidInputError
from kling_voices.mock import Fault, MockGateway, VirtualClock
from kling_voices.mock._callbacks import send_callback, signer
from kling_voices.mock._messages import Reply, Request
from kling_voices.mock._server import serving
from kling_voices.mock._tasks.task import Callback

from tests.mock.requests import CREATE, VOICE, ask

SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="


def _recorded(*faults: Fault, dialect: Any = "kling") -> list[tuple[str, float]]:
    """The status and age in seconds of each callback of one voice, in the order of sending."""
    clock = VirtualClock()
    gateway = MockGateway(dialect=dialect, clock=clock, creation_seconds=10, faults=faults)
    created_at = clock.time()
    ask(gateway, "POST", CREATE, {**VOICE, "callback_url": "http://127.0.0.1/callback"})
    clock.advance(1000)
    name = "status" if dialect == "kling-v2" else "task_status"
    return [(callback.task[name], callback.due - created_at) for callback in gateway.callbacks]


def test_a_callback_for_each_status() -> None:
    """Submitted, processing and the end, when each is reached."""
    assert _recorded() == [("submitted", 0), ("processing", 2), ("succeed", 10)]
    assert _recorded(Fault("fail_task")) == [("submitted", 0), ("processing", 2), ("failed", 10)]


def test_faults_of_callbacks() -> None:
    """Lost, late, duplicated, out of order and forged."""
    assert _recorded(Fault("lose_callback")) == []
    assert _recorded(Fault("late_callback", seconds=60)) == [("submitted", 60), ("processing", 62), ("succeed", 70)]
    assert _recorded(Fault("duplicate_callback")) == [
        ("submitted", 0),
        ("submitted", 0),
        ("processing", 2),
        ("processing", 2),
        ("succeed", 10),
        ("succeed", 10),
    ]
    assert _recorded(Fault("reorder_callbacks")) == [("submitted", 0), ("succeed", 10), ("processing", 10)]
    assert _recorded(Fault("forge_callback")) == [("succeed", 0), ("submitted", 0), ("processing", 2), ("succeed", 10)]


def test_callbacks_become_due() -> None:
    """Before its time a callback is not recorded; a task without a callback_url has none."""
    clock = VirtualClock()
    gateway = MockGateway(clock=clock, creation_seconds=10)
    ask(gateway, "POST", CREATE, VOICE)
    ask(gateway, "POST", CREATE, {**VOICE, "callback_url": "http://127.0.0.1/callback"})
    counts = []
    for seconds in (0, 1, 1, 8):
        clock.advance(seconds)
        counts.append(len(gateway.callbacks))
    assert counts == [1, 1, 2, 3]


def test_a_forgery_names_another_voice() -> None:
    """A forged callback claims a voice that the task does not have, and says that it is forged."""
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=10, faults=[Fault("forge_callback")])
    ask(gateway, "POST", CREATE, {**VOICE, "callback_url": "http://127.0.0.1/callback"})
    forged, genuine = gateway.callbacks
    [voice] = forged.task["task_result"]["voices"]
    assert (forged.is_forged, genuine.is_forged) == (True, False)
    assert voice["voice_id"] != gateway.tasks[0].voice_id


def test_the_newer_body() -> None:
    """In the newer dialect, a callback has `id`, `status` and `outputs` (V)."""
    assert _recorded(dialect="kling-v2") == [("submitted", 0), ("processing", 2), ("succeeded", 10)]


@define
class Receiver:
    """The callbacks that a receiver on loopback has received."""

    base_url: str = ""
    requests: list[Request] = field(factory=list)
    arrived: asyncio.Event = field(factory=asyncio.Event)

    def reply(self, request: Request) -> Reply:
        """Accept a callback."""
        self.requests.append(request)
        self.arrived.set()
        return Reply(200, b"")

    async def wait_for(self, count: int) -> list[Any]:
        """The bodies of the first `count` callbacks."""
        while len(self.requests) < count:
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), 5)
        return [json.loads(request.body) for request in self.requests]


@asynccontextmanager
async def _receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving(receiver.reply, "127.0.0.1", 0) as receiver.base_url:
        yield receiver


def _serve(gateway: MockGateway, run: Callable[[Receiver, str], Awaitable[None]], **options: Any) -> None:
    """Run a test with the mock served, and a receiver beside it."""

    async def main() -> None:
        async with _receiving() as receiver, gateway.serve(**options) as base_url:
            await run(receiver, base_url)

    asyncio.run(main())


async def _create(base_url: str, callback_url: str) -> str:
    async with httpx.AsyncClient(base_url=base_url, headers={"authorization": "Bearer mock-key"}) as http:
        response = await http.post(CREATE, json={**VOICE, "callback_url": callback_url})
        task_id: str = response.json()["data"]["task_id"]
        return task_id


async def _deliveries(base_url: str, count: int) -> list[Any]:
    """The outcomes of callbacks that the page shows, once there are `count`."""
    async with httpx.AsyncClient(base_url=base_url) as http:
        for _ in range(200):
            callbacks = (await http.get("/_mock/api/state")).json()["callbacks"]
            if len(callbacks) >= count:
                return [callback["outcome"] for callback in callbacks]
            await asyncio.sleep(0.01)
    raise AssertionError(f"fewer than {count} callbacks")


def test_callbacks_are_sent() -> None:
    """The served mock posts the task object at each status; moving time forward makes them due."""
    gateway = MockGateway(creation_seconds=3600)

    async def run(receiver: Receiver, base_url: str) -> None:
        task_id = await _create(base_url, f"{receiver.base_url}/hook?token=1")
        [first] = await receiver.wait_for(1)
        assert (first["task_id"], first["task_status"]) == (task_id, "submitted")
        gateway.advance(3600)
        bodies = await receiver.wait_for(3)
        assert [body["task_status"] for body in bodies] == ["submitted", "processing", "succeed"]
        assert bodies[-1]["task_result"]["voices"][0]["voice_name"] == "Ada"
        [request] = {(request.method, request.path, request.query) for request in receiver.requests}
        assert request == ("POST", "/hook", "token=1")
        assert not any(name.startswith("webhook-") for request in receiver.requests for name, _ in request.headers)
        assert await _deliveries(base_url, 3) == ["200"] * 3

    _serve(gateway, run)


def test_callbacks_are_signed_on_request() -> None:
    """With a secret, the receiver can verify each genuine callback; a forged one has a wrong signature."""
    webhooks = pytest.importorskip("standardwebhooks.webhooks")
    gateway = MockGateway(creation_seconds=0, callback_secret=SECRET, faults=[Fault("forge_callback")])

    async def run(receiver: Receiver, base_url: str) -> None:
        await _create(base_url, receiver.base_url)
        await receiver.wait_for(4)
        verified = []
        for request in receiver.requests:
            try:
                webhooks.Webhook(SECRET).verify(request.body, dict(request.headers))
            except webhooks.WebhookVerificationError:
                verified.append(False)
            else:
                verified.append(True)
        assert verified == [False, True, True, True]
        assert len({request.header("webhook-id")[0] for request in receiver.requests}) == 4

    _serve(gateway, run)


def test_duplicates_have_the_same_id() -> None:
    """A receiver can drop a duplicate by its `webhook-id`."""
    pytest.importorskip("standardwebhooks")
    gateway = MockGateway(creation_seconds=0, callback_secret=SECRET, faults=[Fault("duplicate_callback")])

    async def run(receiver: Receiver, base_url: str) -> None:
        await _create(base_url, receiver.base_url)
        await receiver.wait_for(6)
        ids = [request.header("webhook-id")[0] for request in receiver.requests]
        assert ids[0::2] == ids[1::2]
        assert len(set(ids)) == 3

    _serve(gateway, run)


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "localhost.example.com", "127.0.0.1.example.com", "[::]"])
def test_callbacks_stay_on_this_machine(host: str) -> None:
    """Without permission, nothing is sent to another host, and the page shows that."""

    async def run(_: Receiver, base_url: str) -> None:
        await _create(base_url, f"http://{host}/callback")
        assert await _deliveries(base_url, 3) == ["not sent: the host is not this machine"] * 3

    _serve(MockGateway(creation_seconds=0), run)


def test_a_receiver_that_does_not_exist() -> None:
    """A callback that cannot be delivered is shown as failed, and the mock goes on."""

    async def run(receiver: Receiver, base_url: str) -> None:
        await _create(base_url, "http://127.0.0.1:1/callback")
        assert set(await _deliveries(base_url, 3)) == {"failed: ConnectError"}
        await _create(base_url, receiver.base_url)
        await receiver.wait_for(3)

    _serve(MockGateway(creation_seconds=0), run)


@pytest.mark.parametrize(
    ("allow_remote", "outcome"), [(False, "not sent: the host is not this machine"), (True, "202")]
)
def test_remote_hosts_on_request(allow_remote: bool, outcome: str) -> None:
    """With permission, a callback is sent to another host."""
    hosts: list[str] = []

    def receive(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(202)

    async def run() -> str:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as http:
            return await send_callback(http, Callback("http://example.com/", {}), {}, allow_remote=allow_remote)

    assert asyncio.run(run()) == outcome
    assert hosts == (["example.com"] if allow_remote else [])


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_ä"])
def test_a_secret_that_cannot_sign(secret: str) -> None:
    """It is refused before anything is served, without repeating it."""
    pytest.importorskip("standardwebhooks")
    with pytest.raises(InvalidInputError, match=r"^callback_secret is not `whsec_` followed by base64$"):
        signer(secret)


def test_no_secret_no_signature() -> None:
    """Without a secret there are no signature headers, and the extra `callbacks` is not needed."""
    assert signer(None)(Callback("http://127.0.0.1", {})) == {}
