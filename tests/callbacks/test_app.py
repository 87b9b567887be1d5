"""The app: its responses, the tasks that it passes on, and its handling of failures."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest
from kling_voices import AsyncKlingVoices, InvalidInputError, KlingVoices, VoiceTask
from kling_voices.callbacks import CallbackApp, QueuedCallback, SQLiteStore
from kling_voices.mock import Fault

from .support import SECRET, TOKEN, URL, Receiver, older, open_receiver, raising, sign, until

pytestmark = pytest.mark.anyio


async def test_the_queried_task_is_passed_on() -> None:
    """The handler gets the task from the gateway, not from the callback."""
    async with open_receiver() as (receiver, task_id):
        response = await receiver.post({**older(task_id, "succeed"), "task_result": {"voices": [{"voice_id": "evil"}]}})
        assert (response.status_code, response.text) == (200, "queued\n")
        assert (receiver.queried, receiver.statuses) == ([task_id], ["submitted"])
        receiver.clock.advance(10)
        await receiver.post(older(task_id, "succeed"))
        assert receiver.statuses == ["submitted", "succeed"]
        assert receiver.tasks[-1].voice is not None
        assert receiver.tasks[-1].voice.voice_id == receiver.gateway.tasks[0].voice_id


async def test_a_callback_can_name_the_external_id() -> None:
    """Without a task id the gateway is queried by the external id."""
    async with open_receiver() as (receiver, task_id):
        await receiver.post({"task_status": "submitted", "task_info": {"external_task_id": "order-17"}})
        assert receiver.queried == ["order-17"]
        assert receiver.tasks[0].task_id == task_id


async def test_duplicates_by_webhook_id() -> None:
    """A callback that is delivered again is dropped, and answered with 200 so that the sender stops."""
    async with open_receiver() as (receiver, task_id):
        for _ in range(3):
            response = await receiver.post(older(task_id, "submitted"), {"Webhook-Id": "m-1"})
            assert response.status_code == 200
        assert response.text == "received before\n"
        assert (receiver.statuses, receiver.queried) == (["submitted"], [task_id])


async def test_duplicates_by_task_and_status() -> None:
    """Without a webhook-id, task and status identify a callback."""
    async with open_receiver() as (receiver, task_id):
        for status in ("submitted", "submitted", "processing", "processing"):
            await receiver.post(older(task_id, status))
            receiver.clock.advance(1)
        assert receiver.statuses == ["submitted", "processing"]
        assert len(receiver.queried) == 2


async def test_each_state_is_passed_on_once() -> None:
    """Late and unordered callbacks about a task that has finished lead to one call of the handler."""
    async with open_receiver() as (receiver, task_id):
        receiver.clock.advance(10)
        for number, status in enumerate(["succeed", "submitted", "processing", "succeed"]):
            await receiver.post(older(task_id, status), {"webhook-id": f"m-{number}"})
        assert (receiver.statuses, len(receiver.queried)) == (["succeed"], 4)


async def test_a_forged_callback_does_not_hide_the_real_one() -> None:
    """A callback that the gateway does not confirm is not stored as the real one."""
    async with open_receiver() as (receiver, task_id):
        await receiver.post(older(task_id, "succeed"))
        receiver.clock.advance(10)
        await receiver.post(older(task_id, "succeed"))
        assert receiver.statuses == ["submitted", "succeed"]


async def test_forged_callbacks_cause_one_query(caplog: pytest.LogCaptureFixture) -> None:
    """A task that the gateway does not know is queried once, never passed on, and not retried."""
    async with open_receiver() as (receiver, _):
        response = await receiver.post(older("no-such-task\n"))
        assert (response.status_code, receiver.queried, receiver.tasks) == (200, ["no-such-task\n"], [])
        assert receiver.app.failed() == ()
    assert "a callback names the task 'no-such-task\\n', which the gateway does not know" in caplog.messages


async def test_another_task_is_never_passed_on() -> None:
    """If the gateway responds to a query with another task, the handler is not called."""
    async with open_receiver(max_attempts=1) as (receiver, task_id):
        other = await receiver.client.create_voice("Bob", voice_url=URL)
        receiver.queried_instead = other.task_id
        await receiver.post(older(task_id))
        assert (receiver.tasks, receiver.queried) == ([], [task_id])
        assert "the gateway answered the query with the task" in (receiver.app.failed()[0].failure or "")


@pytest.mark.parametrize(
    ("request_", "status", "headers"),
    [
        ({"url": "/"}, 404, {}),
        ({"url": f"/{TOKEN}x"}, 404, {}),
        ({"url": f"/{TOKEN[:-1]}"}, 404, {}),
        ({"url": f"/{TOKEN}/"}, 404, {}),
        ({"url": f"/x/{TOKEN}"}, 404, {}),
        ({"url": "/tök%ff"}, 404, {}),
        ({"url": "/", "method": "GET"}, 404, {}),
        ({"method": "GET"}, 405, {"allow": "POST"}),
        ({"method": "HEAD"}, 405, {"allow": "POST"}),
        ({"content": b"{}"}, 400, {}),
        ({"content": b"x" * (2**20 + 1)}, 413, {"connection": "close"}),
    ],
)
async def test_other_requests(request_: dict[str, Any], status: int, headers: dict[str, str]) -> None:
    """Other paths, methods and bodies are answered at once, and cause no query."""
    async with open_receiver() as (receiver, task_id):
        response = await receiver.post(older(task_id), **request_)
        assert response.status_code == status
        assert headers.items() <= dict(response.headers).items()
        assert TOKEN not in response.text
        assert receiver.queried == []


async def test_an_oversized_body_is_not_read() -> None:
    """A declared length over the limit is refused before the body; a longer stream is refused when it passes it."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            read.append(1)
            yield b"x" * 2**16

    read: list[int] = []
    async with open_receiver() as (receiver, _):
        declared = await receiver.post(b"", {"content-length": str(2**30)}, content=endless())
        assert (declared.status_code, len(read)) == (413, 0)
        streamed = await receiver.post(b"", content=endless())
        assert (streamed.status_code, len(read)) == (413, 17)


async def test_a_body_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that stops in the middle is answered with 408; one that disconnects is not answered."""
    monkeypatch.setattr("kling_voices.callbacks._app._BODY_SECONDS", 0.01)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def stop() -> Any:
        await anyio.sleep_forever()

    async def disconnect() -> Any:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": f"/{TOKEN}", "headers": []}
    async with open_receiver() as (receiver, _):
        await receiver.app(scope, stop, send)
        assert sent.pop(0)["status"] == 408
        sent.clear()
        await receiver.app(scope, disconnect, send)
        assert sent == []


async def test_a_flood_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While too many bodies are being read, further requests get 503 and a time to try again."""
    monkeypatch.setattr("kling_voices.callbacks._app._MAX_REQUESTS", 0)
    async with open_receiver() as (receiver, task_id):
        response = await receiver.post(older(task_id))
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")


async def test_signatures() -> None:
    """With a secret, unsigned, wrong and old callbacks get 401 and cause no query."""
    async with open_receiver(secret=SECRET) as (receiver, task_id):
        body = json.dumps(older(task_id, "submitted")).encode()
        now = receiver.clock.time()
        other = "whsec_b3RoZXI="
        for headers in ({}, sign(body, now, secret=other), sign(body, now - 301), sign(b"{}", now)):
            response = await receiver.post(body, headers)
            assert response.status_code == 401
            assert SECRET[6:] not in response.text
        assert receiver.queried == []
        assert (await receiver.post(body, sign(body, now))).status_code == 200
        assert receiver.statuses == ["submitted"]
        assert (await receiver.post(b"{}", sign(b"{}", now))).status_code == 400


async def test_a_failing_handler_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    """The failure is logged with its traceback, and the callback is retried with growing delays until it succeeds."""
    caplog.set_level(logging.WARNING, "kling_voices")
    async with open_receiver() as (receiver, task_id):
        app = receiver.open_app(on_task=raising(3, receiver.tasks.append))
        async with app.lifespan():
            await receiver.post(older(task_id, "submitted"))
            await until(lambda: receiver.tasks)
        assert len(receiver.queried) == 4
        assert 3.5 <= receiver.clock.time() - 1_800_000_000 <= 7  # 1, 2 and 4 seconds, each at least half of it
        assert app.failed() == ()
    assert [record.getMessage().partition(" failed")[0] for record in caplog.records] == [
        f"task '{task_id}': attempt {number} of 10" for number in (1, 2, 3)
    ]
    assert all("the database is gone" in str(record.exc_info) for record in caplog.records)


async def test_a_handler_that_fails_for_good_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    """After the last attempt the callback is kept and reported; `retry_failed` tries it again, as the log says."""
    async with open_receiver() as (receiver, task_id):
        app = receiver.open_app(on_task=raising(2, receiver.tasks.append), max_attempts=2)
        async with app.lifespan():
            await receiver.post(older(task_id, "submitted"), {"webhook-id": "m-1"})
            await until(app.failed)
            failure = "OSError: the database is gone"
            assert app.failed() == (QueuedCallback("id:m-1", task_id, "submitted", attempts=2, failure=failure),)
            assert await app.retry_failed() == 1
            await until(lambda: receiver.tasks)
        assert (app.failed(), receiver.statuses) == ((), ["submitted"])
    assert "2 attempts failed (OSError: the database is gone); the callback is kept; call retry_failed()" in caplog.text


async def test_a_failing_query_is_retried() -> None:
    """While the gateway is down, the callback stays queued; only a response of the gateway is passed on."""
    async with open_receiver() as (receiver, task_id):
        receiver.gateway.misbehave(Fault("shape_before", operation="get_custom_voice", times=7))
        async with receiver.app.lifespan():
            assert (await receiver.post(older(task_id, "submitted"))).status_code == 200
            await until(lambda: receiver.tasks)
        assert len(receiver.queried) == 8


async def test_a_slow_handler_delays_no_answer() -> None:
    """Callbacks are answered while handlers are running; beyond `max_queued` the sender gets 503; none is lost."""
    release = anyio.Event()

    async def slow(task: VoiceTask) -> None:
        await release.wait()
        receiver.tasks.append(task)

    async with open_receiver() as (receiver, first):
        more = [await receiver.client.create_voice(f"Voice {n}", voice_url=URL) for n in range(3)]
        ids = [first, *(task.task_id or "" for task in more)]
        app = receiver.open_app(on_task=slow, max_queued=3, parallel=2)
        statuses: list[int] = []

        async def post(task_id: str) -> None:
            await _post_without_waiting(app, task_id, statuses)

        async with app.lifespan(), anyio.create_task_group() as group:
            for task_id in ids:
                group.start_soon(post, task_id)
            await until(lambda: len(statuses) == 4)
            assert sorted(statuses) == [200, 200, 200, 503]
            assert receiver.tasks == []
            release.set()
        assert len(receiver.tasks) == 3


async def _post_without_waiting(app: CallbackApp, task_id: str, statuses: list[int]) -> None:
    body = json.dumps(older(task_id, "submitted")).encode()

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append(message["status"])

    await app({"type": "http", "method": "POST", "path": f"/{TOKEN}", "headers": []}, receive, send)


async def test_a_store_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """If a callback cannot be queued, the sender is asked to try again."""
    store = SQLiteStore()
    async with open_receiver(store=store) as (receiver, task_id):
        store.close()
        response = await receiver.post(older(task_id))
        assert (response.status_code, receiver.queried) == (503, [])
    assert "the store of callbacks failed, so the sender is asked to try again" in caplog.messages


async def test_a_synchronous_client_and_handlers() -> None:
    """A synchronous client and handler run in threads; a function that returns an awaitable is awaited."""
    threads: list[int] = []
    receiver = Receiver()

    async def handle(task: VoiceTask) -> None:
        receiver.tasks.append(task)

    def note(task: VoiceTask) -> Any:
        threads.append(threading.get_ident())
        return handle(task)

    class Handler:
        async def __call__(self, task: VoiceTask) -> None:
            receiver.tasks.append(task)

    with httpx.Client(transport=httpx.MockTransport(receiver.gateway.handle)) as http:
        client = KlingVoices("mock-key", gateway="mock", http_client=http, clock=receiver.clock)
        task = client.create_voice("Ada", voice_url=URL)
        for on_task in (note, Handler()):
            receiver.app = CallbackApp(client, token=TOKEN, on_task=on_task, clock=receiver.clock)
            await receiver.post(older(task.task_id or "", "submitted"))
    assert receiver.statuses == ["submitted", "submitted"]
    assert threads
    assert threads[0] != threading.get_ident()


async def test_the_prefix_of_a_mount() -> None:
    """The path is found below the prefix, whether the server's path includes it or not."""
    async with open_receiver() as (receiver, task_id):
        for number, (path, prefix, status) in enumerate(
            [
                (f"/hooks/{TOKEN}", "/hooks", 200),
                (f"/hooks/{TOKEN}", "/hooks/", 200),
                (f"/{TOKEN}", "/hooks", 200),
                (f"/hooks/{TOKEN}", "", 404),
                (f"/hooksx/{TOKEN}", "/hooks", 404),
            ]
        ):
            transport = httpx.ASGITransport(receiver.app, root_path=prefix)
            async with httpx.AsyncClient(transport=transport, base_url="http://callbacks.test") as http:
                headers = {"webhook-id": str(number)}
                assert (await http.post(path, json=older(task_id), headers=headers)).status_code == status


async def test_other_kinds_of_connections() -> None:
    """A WebSocket is closed; an unknown kind is an error of the server."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with open_receiver() as (receiver, _):
        await receiver.app({"type": "websocket", "path": f"/{TOKEN}"}, receive, send)
        assert sent == [{"type": "websocket.close"}]
        with pytest.raises(NotImplementedError, match="'carrier'"):
            await receiver.app({"type": "carrier"}, receive, send)


def test_arguments() -> None:
    """Every invalid argument is named; a token must be long enough to be unguessable."""
    client = KlingVoices(gateway="mock")
    for token in ("", "short", "x" * 15, "x" * 257, "a/b" * 10, "ä" * 20, None):
        with pytest.raises(InvalidInputError, match="token must have 16 to 256"):
            CallbackApp(client, token=token, on_task=print)  # type: ignore[arg-type]
    cases: list[tuple[Any, dict[str, Any], str]] = [
        ("client", {}, "client is of type str"),
        (client, {"on_task": None}, "on_task is of type NoneType"),
        (client, {"secret": "no secret"}, "secret is not a signing secret"),
        (client, {"max_queued": 0}, "max_queued is 0"),
        (client, {"parallel": 1.5}, "parallel is 1.5"),
        (client, {"max_attempts": True}, "max_attempts is True"),
        (client, {"clock": 5}, "clock is of type int"),
    ]
    for given, options, message in cases:
        with pytest.raises(InvalidInputError, match=message):
            CallbackApp(given, **{"token": TOKEN, "on_task": print, **options})


def test_the_repr_hides_the_token() -> None:
    """Neither the token nor the secret is shown."""
    client = AsyncKlingVoices(gateway="mock")
    app = CallbackApp(client, token=TOKEN, secret=SECRET, on_task=print)
    assert repr(app) == "CallbackApp(is_signed=True)"
