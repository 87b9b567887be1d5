"""Successful responses become tasks with all their data; all others become an error of the package."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import KlingVoicesError, VoiceTask
from kling_voices.mock import VirtualClock

from contract_tests.harness import newer_envelope
from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.operations import read_operations
from contract_tests.harness.strategies import responses
from tests.support.clients import KINDS, Kind, examples, open_client
from tests.support.error_table import STATUS_WORDS

OPERATIONS = {operation.name: operation for operation in read_operations(CONTRACT)}
CALLS = {
    "create_voice": (("Ada",), {"voice_url": "https://example.com/ada.mp3", "external_task_id": "order-1"}),
    "get_task": (("830460928805724256",), {}),
}

CALLED = {"create_voice": "create_custom_voice", "get_task": "get_custom_voice"}


def _call(call: Any, method: str) -> VoiceTask:
    args, kwargs = CALLS[method]
    task = call(method, *args, **kwargs)
    assert isinstance(task, VoiceTask)
    return task


def _milliseconds(moment: Any) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _check_task(task: VoiceTask, response: dict[str, Any]) -> None:
    """The task has all data of a response in the older envelope, or of an echo."""
    is_echo = "code" not in response
    data = response if is_echo else response["data"]
    assert task.raw == response
    if not is_echo:  # the contract describes these fields only in the envelope
        assert (task.task_id, task.status) == (data["task_id"], data["task_status"])
        assert task.status_message == (_text(data.get("task_status_msg")) or _text(data.get("message")))
        assert _milliseconds(task.created_at) == data["created_at"]
        assert _milliseconds(task.updated_at) == data["updated_at"]
        assert task.request_id == (response["request_id"] or None)
        voices = data.get("task_result", {}).get("voices", [])
        assert [voice.raw for voice in task.voices] == voices
        assert [voice.voice_id for voice in task.voices] == [voice["voice_id"] for voice in voices]
        external_task_id = data.get("task_info", {}).get("external_task_id") or _text(data.get("external_task_id"))
    else:
        external_task_id = data.get("external_task_id")
    # The contract allows further fields of any type; a value that is not a text is only in `raw`.
    if external_task_id:
        assert task.external_task_id == external_task_id
    for name in ("voice_name", "voice_url", "video_id", "callback_url"):
        if _text(data.get(name)):
            assert getattr(task, name) == data[name]


def _check_newer_task(task: VoiceTask, response: dict[str, Any]) -> None:
    """The task has all data of a response in the newer envelope."""
    data = response["data"]
    assert task.raw == response
    assert (task.task_id, task.status, task.request_id) == (data["id"], data["status"], "r-1")
    assert task.succeeded == (STATUS_WORDS[data["status"]] == "succeeded")
    assert task.failed == (STATUS_WORDS[data["status"]] == "failed")
    assert task.status_message == (data.get("message") or None)
    assert (_milliseconds(task.created_at), _milliseconds(task.updated_at)) == (
        data["create_time"],
        data["update_time"],
    )
    if "external_id" in data:
        assert task.external_task_id == data["external_id"]
    voices = [each for each in data.get("outputs", []) if each["type"] == "voice" and each["status"] != "deleted"]
    assert [voice.raw for voice in task.voices] == voices
    assert [(voice.voice_id, voice.voice_name, voice.trial_url, voice.owned_by) for voice in task.voices] == [
        (voice["id"], voice["name"], voice["url"], voice["owned_by"]) for voice in voices
    ]
    assert [(charge.amount, charge.unit) for charge in task.charges] == [
        (Decimal(item["amount"]), item.get("currency", "units")) for item in data.get("billing", [])
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", CALLS)
def test_valid_responses_become_tasks(kind: Kind, method: str) -> None:
    """For any response that the contract allows: a VoiceTask whose fields and `raw` contain all of it."""
    current: Any = None
    with open_client(kind, lambda _: httpx.Response(200, json=current)) as call:

        @examples(kind, 30)
        @given(responses(OPERATIONS[CALLED[method]]))
        def check(response: dict[str, Any]) -> None:
            nonlocal current
            current = response
            _check_task(_call(call, method), response)

        check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", CALLS)
def test_the_newer_envelope_becomes_a_task(kind: Kind, method: str) -> None:
    """For any response in Kling's newer envelope (V): the same VoiceTask, with its voices and charges."""
    current: Any = None
    with open_client(kind, lambda _: httpx.Response(200, json=current)) as call:

        @examples(kind, 30)
        @given(newer_envelope.enveloped(newer_envelope.tasks))
        def check(response: dict[str, Any]) -> None:
            nonlocal current
            current = response
            _check_newer_task(_call(call, method), response)

        check()


@pytest.mark.parametrize("word", STATUS_WORDS)
@pytest.mark.parametrize("field", ["task_status", "status"])
@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_every_status_word(kind: Kind, field: str, word: str) -> None:
    """Every known word ends a wait as success or failure, or continues it, in both envelopes (V, G)."""
    name = {"task_status": "task_id", "status": "id"}[field]
    clock = VirtualClock()
    body = {"code": 0, "message": "", "request_id": "r", "data": {name: "1", field: word}}
    with open_client(kind, lambda _: httpx.Response(200, json=body), clock=clock) as call:
        error = None
        try:
            call("wait", "1", timeout=30)
        except KlingVoicesError as raised:
            error = type(raised).__name__
    expected = {"succeeded": None, "failed": "VoiceCreationFailedError", "running": "WaitTimeoutError"}
    assert error == expected[STATUS_WORDS[word]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", CALLS)
def test_other_responses_become_errors(kind: Kind, method: str) -> None:
    """For any status and bytes that are not a success: a KlingVoicesError, and never another exception."""
    current = httpx.Response(200)
    with open_client(
        kind, lambda _: httpx.Response(current.status_code, headers=current.headers, content=current.content)
    ) as call:

        @examples(kind, 50)
        @given(
            st.integers(200, 599),
            st.binary(max_size=60)
            | st.sampled_from([b"<html>", b"{}", b"[]", b"null", b'{"code":0}', b'{"code":1201}']),
            st.sampled_from(["application/json", "text/html", ""]),
        )
        def check(status: int, body: bytes, media_type: str) -> None:
            nonlocal current
            current = httpx.Response(status, headers={"content-type": media_type}, content=body)
            with pytest.raises(KlingVoicesError):
                _call(call, method)

        check()
