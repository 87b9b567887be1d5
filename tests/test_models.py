"""Parsing tasks, voices and charges: a value of an unexpected type is None and stays in `raw`."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from kling_voices import Charge, Voice, VoiceTask
from kling_voices._protocol.tasks import task_from_data

_TIME = datetime(2026, 6, 10, 8, 39, 38, 802000, tzinfo=UTC)


def _parse(**data: Any) -> VoiceTask:
    return task_from_data(data, raw=data)


@pytest.mark.parametrize(
    ("value", "expected"),
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
def test_ids(value: Any, expected: str | None) -> None:
    """Ids are strings; a number that may have lost digits is not an id."""
    assert _parse(task_id=value).task_id == expected
    (voice,) = _parse(task_result={"voices": [{"voice_id": value}]}).voices
    assert voice.voice_id == expected
    assert _parse(task_info={"external_task_id": value}).external_task_id == expected
    assert _parse(external_task_id=value).external_task_id == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1781080778802, _TIME),
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
def test_times(value: Any, expected: datetime | None) -> None:
    """Milliseconds since 1970 become aware datetimes in UTC; a time after the year 9999 becomes None."""
    task = _parse(created_at=value, updated_at=value)
    assert (task.created_at, task.updated_at) == (expected, expected)
    assert task.created_at is None or task.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("voices", [None, {}, "x", 5, [None], [[]], ["x"]])
def test_voices_of_another_shape(voices: Any) -> None:
    """A value that is not a voice is ignored, and stays in `raw`."""
    task = _parse(task_id="1", task_result={"voices": voices})
    assert (task.voices, task.voice) == ((), None)
    assert task.raw["task_result"]["voices"] == voices


@pytest.mark.parametrize("member", ["task_info", "task_result"])
@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_members_of_another_shape(member: str, value: Any) -> None:
    """A member that is not an object counts as absent."""
    assert _parse(task_id="1", **{member: value}).task_id == "1"


def test_fields_of_the_request_fill_gaps() -> None:
    """The response counts; a field that it does not have, or has as an empty string, comes from the request."""
    sent = {"voice_name": "Ada", "video_id": "1", "external_task_id": "order-1"}
    task = task_from_data({"voice_name": "Bob", "video_id": "", "task_id": "2"}, raw={}, sent=sent)
    assert (task.voice_name, task.video_id, task.external_task_id, task.voice_url) == ("Bob", "1", "order-1", None)


@pytest.mark.parametrize("value", [VoiceTask(), Voice(), Charge(Decimal(1), None)])
def test_values_are_frozen(value: Any) -> None:
    """Tasks, voices and charges cannot be changed, and can be pickled and compared."""
    for field in attrs.fields(type(value)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, field.name, "x")
    assert pickle.loads(pickle.dumps(value)) == value


SUCCESS = ["succeed", "succeeded", "success", "completed", "SUCCESS", "Succeeded"]
FAILURE = ["failed", "FAILED"]
OTHER = ["submitted", "processing", "queued", "", "unknown", "fail", "error", "cancelled", "not succeeded"]


@pytest.mark.parametrize("name", ["task_status", "status"])
@pytest.mark.parametrize("status", SUCCESS + FAILURE + OTHER)
def test_status_words(name: str, status: str) -> None:
    """Every known word for success and failure counts in any case; any other word is kept unchanged, and is neither."""
    task = _parse(task_id="1", **{name: status})
    assert task.status == (status or None)
    assert (task.succeeded, task.failed) == (status in SUCCESS, status in FAILURE)


NEWER = {
    "id": "893605555736973370",
    "status": "succeeded",
    "message": "done",
    "create_time": 1781080778802,
    "update_time": 1781080779802,
    "external_id": "order-1",
    "outputs": [
        {"type": "voice", "id": "9", "name": "Ada", "url": "https://x/9.mp3", "owned_by": "7", "status": "succeed"},
        {"type": "voice", "id": "8", "name": "Bob", "status": "deleted"},
        {"type": "audio", "id": "7"},
    ],
    "billing": [
        {"charge_type": "unit", "package_type": "voice", "amount": "0.05"},
        {"charge_type": "cash", "amount": 0.35, "list_price": "0.70", "currency": "CNY"},
        {"charge_type": "unit", "amount": None},
    ],
}


def test_the_newer_task_object() -> None:
    """The newer task object has the same meaning as the older one; deleted voices and other outputs are left out."""
    task = _parse(**NEWER)
    assert (task.task_id, task.external_task_id, task.status, task.status_message) == (
        "893605555736973370",
        "order-1",
        "succeeded",
        "done",
    )
    assert task.voices == (Voice("9", "Ada", "https://x/9.mp3", "7", raw=NEWER["outputs"][0]),)  # type: ignore[index]
    assert (task.created_at, task.updated_at) == (_TIME, _TIME + timedelta(seconds=1))
    assert task.charges == (
        Charge(Decimal("0.05"), "units"),
        Charge(Decimal("0.35"), "CNY", Decimal("0.70")),
    )


@pytest.mark.parametrize("name", ["outputs", "billing"])
@pytest.mark.parametrize("value", [None, {}, "x", 5, [None], [[]], ["x"], [{}], [{"type": 5, "amount": {}}]])
def test_outputs_and_billing_of_another_shape(name: str, value: Any) -> None:
    """A value that is not a list of outputs or charges is ignored, and stays in `raw`."""
    task = _parse(id="1", **{name: value})
    assert (task.task_id, task.voices, task.charges) == ("1", (), ())
    assert task.raw[name] == value


@pytest.mark.parametrize(
    ("data", "charges"),
    [
        ({"final_unit_deduction": "0.05"}, (Charge(Decimal("0.05"), "units"),)),
        ({"final_unit_deduction": 1}, (Charge(Decimal(1), "units"),)),
        ({"final_unit_deduction": "NaN"}, ()),
        ({"final_unit_deduction": True}, ()),
        ({"final_unit_deduction": "much"}, ()),
        (
            {"final_balance_deduction": {"quota": "0.35", "list_price": "0.7"}},
            (Charge(Decimal("0.35"), None, Decimal("0.7")),),
        ),
        ({"final_balance_deduction": {"list_price": "0.7"}}, ()),
        ({"final_balance_deduction": "0.35"}, ()),
    ],
)
def test_deductions_of_the_older_task_object(data: dict[str, Any], charges: tuple[Charge, ...]) -> None:
    """Units and balance are exact decimals; the older object names no currency."""
    assert _parse(task_id="1", **data).charges == charges
