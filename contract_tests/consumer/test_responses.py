"""Whatever a gateway answers becomes a task that loses nothing, or an error of the tree."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import KlingVoicesError, VoiceTask

from contract_tests.harness.contract import response_schema
from contract_tests.harness.strategies import matching
from tests.support.clients import KINDS, Kind, examples, open_client

CREATE_ANSWERS = matching(json.dumps(response_schema("create_custom_voice")))
TASK_ANSWERS = matching(json.dumps(response_schema("get_custom_voice")))
CALLS = {
    "create_voice": (("Ada",), {"voice_url": "https://example.com/ada.mp3", "external_task_id": "order-1"}),
    "get_task": (("830460928805724256",), {}),
}


def _answer(call: Any, method: str) -> VoiceTask:
    args, kwargs = CALLS[method]
    task = call(method, *args, **kwargs)
    assert isinstance(task, VoiceTask)
    return task


def _milliseconds(moment: Any) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _holds(task: VoiceTask, answer: dict[str, Any]) -> None:
    data = answer.get("data", answer)
    assert task.raw == answer
    assert task.task_id == data.get("task_id")
    assert task.status == data.get("task_status")
    assert task.status_message == (data.get("task_status_msg") or None)
    assert _milliseconds(task.created_at) == data.get("created_at")
    assert _milliseconds(task.updated_at) == data.get("updated_at")
    assert task.request_id == (answer.get("request_id") or None)
    told = data.get("task_info", {}).get("external_task_id") or data.get("external_task_id")
    if told:
        assert task.external_task_id == told
    for name in ("voice_name", "voice_url", "video_id", "callback_url"):
        if data.get(name):
            assert getattr(task, name) == data[name]
    voices = data.get("task_result", {}).get("voices", [])
    assert [voice.raw for voice in task.voices] == voices
    assert [voice.voice_id for voice in task.voices] == [voice["voice_id"] for voice in voices]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "answers"), [("create_voice", CREATE_ANSWERS), ("get_task", TASK_ANSWERS)])
def test_every_answer_of_the_contract_becomes_a_task(kind: Kind, method: str, answers: st.SearchStrategy[Any]) -> None:
    """For any answer that the contract allows: a VoiceTask whose fields and `raw` hold all of it."""
    current: dict[str, Any] = {}
    with open_client(kind, lambda _: httpx.Response(200, json=current)) as call:

        @examples(kind)
        @given(answers)
        def check(answer: dict[str, Any]) -> None:
            current.clear()
            current.update(answer)
            _holds(_answer(call, method), answer)

        check()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", CALLS)
def test_every_other_answer_ends_in_the_tree(kind: Kind, method: str) -> None:
    """For any status and bytes that are no success: a KlingVoicesError, and never another exception."""
    current = httpx.Response(200)
    with open_client(
        kind, lambda _: httpx.Response(current.status_code, headers=current.headers, content=current.content)
    ) as call:

        @examples(kind)
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
                _answer(call, method)

        check()
