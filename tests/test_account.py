"""Lists, presets, deletion, recovery, and any generated operation, in both clients."""

from __future__ import annotations

import json
from typing import Any, cast

import httpx
import pytest
from kling_voices import (
    BadRequestError,
    ConnectionFailedError,
    InvalidInputError,
    KlingVoices,
    KlingVoicesError,
    PermissionDeniedError,
    ServerError,
    UnexpectedResponseError,
)
from kling_voices.mock import MockGateway, VirtualClock

from tests.support.clients import Kind, open_client

URL = "https://example.com/ada.mp3"


def _page(items: list[Any]) -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "message": "", "request_id": "r", "data": items})


def _tasks(start: int, stop: int) -> list[dict[str, Any]]:
    return [{"task_id": str(number), "task_status": "succeed"} for number in range(start, stop)]


class Book:
    """A gateway that returns pages, and records which were requested."""

    def __init__(self, *pages: list[Any]) -> None:
        self.pages = pages
        self.asked: list[tuple[int, int]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return the requested page, or the last page for a higher number."""
        number = int(request.url.params["pageNum"])
        self.asked.append((number, int(request.url.params["pageSize"])))
        return _page(self.pages[min(number, len(self.pages)) - 1])


@pytest.mark.parametrize(
    ("pages", "asked", "found"),
    [
        ([_tasks(0, 3), _tasks(3, 5)], 2, 5),  # ends with a page that is not full
        ([_tasks(0, 3), []], 2, 3),  # or empty
        ([_tasks(0, 3)], 2, 3),  # or the same again, for ever
        ([_tasks(0, 3), _tasks(3, 6), _tasks(0, 3)], 3, 6),  # or one of long ago
        ([_tasks(0, 3), _tasks(2, 5), _tasks(5, 6)], 3, 6),  # what moved to the next page is given once
        ([[]], 1, 0),
    ],
)
def test_the_last_page(kind: Kind, pages: list[Any], asked: int, found: int) -> None:
    """A list ends at its last page, returns each task once, and requests no page that is not needed."""
    book = Book(*pages)
    with open_client(kind, book) as call:
        tasks = call("list_tasks", page_size=3)
    assert [task.task_id for task in tasks] == [str(number) for number in range(found)]
    assert book.asked == [(number, 3) for number in range(1, asked + 1)]


def test_a_list_ends_at_page_1000(kind: Kind) -> None:
    """Kling has no page 1001 (V)."""
    count = 0

    def endless(_: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return _page(_tasks(count, count + 1))

    with open_client(kind, endless) as call:
        assert len(call("list_tasks", page_size=1)) == count == 1000


def test_pages_are_fetched_lazily() -> None:
    """Creating the iterator sends nothing, and its first item requests only one page."""
    book = Book(_tasks(0, 3), _tasks(3, 6))
    with open_client("sync", book) as call:
        tasks = cast("KlingVoices", call.client).list_tasks(page_size=3)
        assert book.asked == []
        next(tasks)
        assert book.asked == [(1, 3)]


@pytest.mark.parametrize("page_size", [0, 1001, True, 1.0, "30"])
@pytest.mark.parametrize("method", ["list_tasks", "list_presets"])
def test_page_sizes(kind: Kind, method: str, page_size: Any) -> None:
    """An invalid page size raises when the iterator is created."""
    with open_client(kind, Book([])) as call, pytest.raises(InvalidInputError, match=r"from 1 to 1000$"):
        getattr(call.client, method)(page_size=page_size)


@pytest.mark.parametrize("data", [{}, {"task_id": "1"}, [1], ["x"], [[]]])
def test_pages_of_another_shape(kind: Kind, data: Any) -> None:
    """A page that is not a list of tasks is an error, and never an empty list."""
    with (
        open_client(kind, lambda _: _page(data)) as call,
        pytest.raises(UnexpectedResponseError, match="so it is not a page of tasks"),
    ):
        call("list_tasks")


def test_presets(kind: Kind) -> None:
    """All presets of all pages are returned as voices of Kling."""
    with open_client(kind, MockGateway().handle, api_key="mock-key") as call:
        voices = call("list_presets", page_size=10)
    assert len({voice.voice_id for voice in voices}) == 45
    assert {voice.owned_by for voice in voices} == {"kling"}


def test_deletion(kind: Kind) -> None:
    """A voice is deleted once, by its id; deleting a preset or an unknown voice is rejected."""
    gateway = MockGateway(clock=VirtualClock(), creation_seconds=0)
    with open_client(kind, gateway.handle, api_key="mock-key") as call:
        voice_id = call("create_and_wait", "Ada", voice_url=URL).voice.voice_id
        assert call("delete_voice", voice_id).succeeded
        assert call("list_tasks")[0].voices == ()
        with pytest.raises(BadRequestError, match="voice not found"):
            call("delete_voice", voice_id)
        with pytest.raises(PermissionDeniedError):
            call("delete_voice", "820000000000000001")
        with pytest.raises(InvalidInputError):
            call("delete_voice", "")


@pytest.mark.parametrize("second", [{"code": 1201, "message": "voice not found"}, {"code": 1203, "message": "gone"}])
def test_a_deletion_without_a_response(kind: Kind, second: dict[str, Any]) -> None:
    """If the voice is gone after a lost response, the deletion has succeeded; at the first attempt it is rejected."""
    answers: list[Any] = [httpx.ReadTimeout("late"), httpx.Response(400, json=second)]

    def handler(_: httpx.Request) -> httpx.Response:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    with open_client(kind, handler) as call:
        assert call("delete_voice", "1").raw == second
    answers[:] = [httpx.ConnectError("refused"), httpx.Response(400, json={"code": 1201, "message": "voice not found"})]
    with open_client(kind, handler) as call, pytest.raises(BadRequestError):
        call("delete_voice", "1")


def test_recovery(kind: Kind) -> None:
    """A task is found by its external id; the result is None if the gateway has none, or returns another task."""
    gateway = MockGateway(clock=VirtualClock())
    with open_client(kind, gateway.handle, api_key="mock-key") as call:
        task = call("create_voice", "Ada", voice_url=URL, external_task_id="order-1")
        assert call("recover", "order-1").task_id == task.task_id
        assert call("recover", "order-2") is None
    others = {"task_id": "1", "task_status": "succeed", "task_info": {"external_task_id": "theirs"}}
    with open_client(kind, lambda _: httpx.Response(200, json={"code": 0, "data": others})) as call:
        assert call("recover", "order-1") is None


def test_call_reaches_every_generated_operation(kind: Kind) -> None:
    """Every operation can be called by name with the client's key, and returns the data of the response."""
    gateway = MockGateway(clock=VirtualClock())
    with open_client(kind, gateway.handle, api_key="mock-key") as call:
        created = call("call", "create_custom_voice", body={"voice_name": "Ada", "voice_url": URL, "new": 1})
        assert gateway.tasks[0].body["new"] == 1
        assert gateway.tasks[0].external_task_id == created["task_info"]["external_task_id"]
        assert call("call", "get_custom_voice", id=created["task_id"])["task_id"] == created["task_id"]
        assert len(call("call", "list_preset_voices", page_num=2, page_size=40)) == 5
        assert len(call("call", "list_custom_voices")) == 1
        with pytest.raises(BadRequestError) as caught:
            call("call", "delete_custom_voice", body={"voice_id": "1"})
        assert caught.value.outcome == "not_created"


@pytest.mark.parametrize(
    ("operation", "arguments", "says"),
    [
        ("make_voice", {}, "there is no operation 'make_voice'; choose one of create_custom_voice"),
        ("get_custom_voice", {}, "get_custom_voice needs the argument 'id'"),
        ("get_custom_voice", {"id": "1", "x": 1}, "get_custom_voice has no argument 'x'; it takes id"),
        ("create_custom_voice", {"authorization": "Bearer x"}, "has no argument 'authorization'; it takes body"),
        (
            "create_custom_voice",
            {"body": {}},
            "the argument 'body' of create_custom_voice needs the field 'voice_name'",
        ),
        ("delete_custom_voice", {"body": 5}, "the arguments do not fit delete_custom_voice"),
    ],
)
def test_invalid_calls(kind: Kind, operation: str, arguments: dict[str, Any], says: str) -> None:
    """An unknown operation, an unknown argument and a missing argument are named; nothing is sent."""
    with open_client(kind, Book()) as call, pytest.raises(InvalidInputError) as caught:
        call("call", operation, **arguments)
    assert says in str(caught.value)


@pytest.mark.parametrize("trouble", [httpx.Response(500, json={"code": 5000}), httpx.ReadTimeout("late")])
def test_a_write_that_is_no_create_is_not_repeated_blindly(kind: Kind, trouble: Any) -> None:
    """An ambiguous failure of another write through `call` is raised at once, with the outcome unknown."""
    sent = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        if isinstance(trouble, Exception):
            raise trouble
        return httpx.Response(500, json={"code": 5000, "message": "internal"})

    with open_client(kind, handler) as call, pytest.raises(KlingVoicesError) as caught:
        call("call", "delete_custom_voice", body={"voice_id": "1"})
    assert (len(sent), caught.value.outcome) == (1, "unknown")
    assert isinstance(caught.value, (ServerError, ConnectionFailedError))
