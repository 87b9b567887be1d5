"""Reading tasks and voices: what has another type than it should is None and kept in `raw`; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from kling_voices import Voice, VoiceTask


def _read(**data: Any) -> VoiceTask:
    return VoiceTask.from_data(data, raw=data)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("830460928805724256", "830460928805724256"),
        (830460928805724256, "830460928805724256"),  # a JSON number is exact in Python
        (8.30460928805724256e17, None),  # but not after it was a float: its last digits are gone
        (1.0, None),
        (True, None),
        ("", None),
        (None, None),
        (["1"], None),
    ],
)
def test_ids(told: Any, read: str | None) -> None:
    """Ids are strings, always; a number that may have lost digits is no id."""
    assert _read(task_id=told).task_id == read
    assert Voice.from_data({"voice_id": told}).voice_id == read
    assert _read(task_info={"external_task_id": told}).external_task_id == read
    assert _read(external_task_id=told).external_task_id == read


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (1781080778802, datetime(2026, 6, 10, 8, 39, 38, 802000, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (253402300799999, datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
        (10**18, None),
        ("1781080778802", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (None, None),
    ],
)
def test_times(told: Any, read: datetime | None) -> None:
    """Milliseconds since 1970 become aware datetimes in UTC; what is beyond the calendar, None."""
    task = _read(created_at=told, updated_at=told)
    assert (task.created_at, task.updated_at) == (read, read)
    assert task.created_at is None or task.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("voices", [None, {}, "x", 5, [None], [[]], ["x"]])
def test_voices_of_another_shape(voices: Any) -> None:
    """What is no voice is none, and stays in `raw`."""
    task = _read(task_id="1", task_result={"voices": voices})
    assert (task.voices, task.voice) == ((), None)
    assert task.raw["task_result"]["voices"] == voices


@pytest.mark.parametrize("member", ["task_info", "task_result"])
@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_members_of_another_shape(member: str, value: Any) -> None:
    """A member that is no object is as good as absent."""
    assert _read(task_id="1", **{member: value}).task_id == "1"


def test_what_was_sent_fills_in_what_is_not_repeated() -> None:
    """The gateway's word counts; where it says nothing, or the empty string, the request's."""
    sent = {"voice_name": "Ada", "video_id": "1", "external_task_id": "order-1"}
    task = VoiceTask.from_data({"voice_name": "Bob", "video_id": "", "task_id": "2"}, raw={}, sent=sent)
    assert (task.voice_name, task.video_id, task.external_task_id, task.voice_url) == ("Bob", "1", "order-1", None)


def test_they_are_frozen() -> None:
    """Neither a task nor a voice can be changed."""
    for thing, name in ((VoiceTask(), "status"), (Voice(), "voice_id")):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(thing, name, "x")


@pytest.mark.parametrize(
    ("status", "succeeded", "failed"), [("succeed", True, False), ("failed", False, True), ("x", False, False)]
)
def test_states(status: str, succeeded: bool, failed: bool) -> None:
    """Two states are ends; any other is kept as it is."""
    task = _read(task_id="1", task_status=status)
    assert (task.status, task.succeeded, task.failed) == (status, succeeded, failed)
