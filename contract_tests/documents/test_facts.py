"""The compiled contract says what is known of the API: instances that it must allow, and instances that it must not.

Typed in from what is known, and not derived from the contract: so a contract that has become too loose, or too strict,
is seen here.
"""

from __future__ import annotations

from typing import Any

import pytest
from pipeline.spec.operations import places

from contract_tests.harness.contract import CONTRACT, body_schema, operation, parameters, response_schema
from contract_tests.harness.validation import is_valid

URL = "https://example.com/ada.mp3"
TASK: dict[str, Any] = {"task_id": "830460928805724256", "task_status": "submitted", "created_at": 1, "updated_at": 2}
VOICE: dict[str, Any] = {"voice_id": "1", "voice_name": "Ada", "trial_url": "https://x.example/y", "owned_by": "kling"}
DONE: dict[str, Any] = {**TASK, "task_status": "succeed", "task_result": {"voices": [VOICE]}}


def _envelope(data: Any, **changes: Any) -> dict[str, Any]:
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data, **changes}


def _without(members: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key != name}


BODIES = [
    ({"voice_name": "A", "voice_url": URL}, True),
    ({"voice_name": "A" * 20, "video_id": "1"}, True),
    ({"voice_name": "A", "voice_url": URL, "video_id": ""}, True),  # empty means absent (T)
    ({"voice_name": "A", "video_id": "1", "voice_url": "", "callback_url": "", "external_task_id": ""}, True),  # (S)
    ({"voice_name": "A", "voice_url": "HTTP://example.com/a"}, True),
    ({"voice_name": "A", "voice_url": URL, "unknown": 1}, True),
    ({"voice_name": "", "voice_url": URL}, False),
    ({"voice_name": "A" * 21, "voice_url": URL}, False),  # (V, L)
    ({"voice_url": URL}, False),
    ({"voice_name": "A"}, False),
    ({"voice_name": "A", "voice_url": "", "video_id": ""}, False),
    ({"voice_name": "A", "voice_url": URL, "video_id": "1"}, False),  # (T)
    ({"voice_name": "A", "voice_url": "ftp://example.com/a.mp3"}, False),
    ({"voice_name": "A", "voice_url": "example.com/a.mp3"}, False),
    ({"voice_name": "A", "video_id": 1}, False),
    ({"voice_name": "A", "voice_url": URL, "callback_url": "mailto:a@b"}, False),
    ({"voice_name": "A", "voice_url": URL, "external_task_id": 1}, False),
    ([], False),
]
TASK_ANSWERS = [
    (_envelope(TASK), True),
    (_envelope(DONE), True),
    (
        _envelope(
            {**DONE, "task_info": {"external_task_id": "x"}, "task_status_msg": "m", "final_unit_deduction": "1"}
        ),
        True,
    ),
    (_envelope({**TASK, "final_balance_deduction": {"quota": "1", "list_price": "2"}}), True),
    *(
        (_envelope({**TASK, "task_status": status}), True)
        for status in ("submitted", "processing", "succeed", "failed")
    ),
    (_envelope({**TASK, "task_status": "succeeded"}), False),
    (_envelope({**TASK, "task_id": 830460928805724256}), False),  # ids are never numbers (V)
    (_envelope({**TASK, "task_id": "abc"}), False),
    (_envelope({**TASK, "created_at": "1"}), False),
    (_envelope({**TASK, "created_at": -1}), False),
    *((_envelope(_without(TASK, name)), False) for name in TASK),
    (_envelope({**TASK, "final_unit_deduction": 1}), False),
    (_envelope({**TASK, "task_info": {"external_task_id": 1}}), False),
    (_envelope({**DONE, "task_result": {}}), False),
    (_envelope({**DONE, "task_result": {"voices": {}}}), False),
    *(
        (_envelope({**DONE, "task_result": {"voices": [_without(VOICE, name)]}}), False)
        for name in ("voice_id", "voice_name")
    ),
    (_envelope({**DONE, "task_result": {"voices": [{**VOICE, "voice_id": 1}]}}), False),
    (_envelope(TASK, code=1), False),
    (_envelope(TASK, code="0"), False),
    (_envelope([TASK]), False),
    (_envelope(None), False),
    *((_without(_envelope(TASK), name), False) for name in ("code", "message", "request_id", "data")),
    ([], False),
]
ECHOES = [
    (
        {"voice_name": "Test tone", "voice_url": "", "video_id": "1", "callback_url": "", "external_task_id": ""},
        True,
    ),  # (S)
    ({"voice_url": URL}, False),
    ({"voice_name": "A", "code": 1201}, False),
    ({"voice_name": 1}, False),
    ({}, False),
]
PAGES = [
    (_envelope([]), True),
    (_envelope([TASK, DONE]), True),
    (_envelope(TASK), False),
    (_envelope([1]), False),
    (_envelope([_without(TASK, "task_id")]), False),
]
DELETIONS = [
    (_envelope({"task_id": "1", "task_status": "succeed"}), True),
    (_envelope({"task_id": "1"}), False),
    (_envelope({"task_status": "succeed"}), False),
    (_envelope({"task_id": 1, "task_status": "succeed"}), False),
    (_envelope({"task_id": "1", "task_status": "done"}), False),
]
REFUSALS = [
    ({"code": 1201, "message": "m", "request_id": "r"}, True),
    ({"code": 5002, "message": "m"}, True),
    ({"code": 0, "message": "m"}, False),
    ({"code": "1201", "message": "m"}, False),
    ({"code": 1201}, False),
    ({"message": "m"}, False),
]


def _cases(schema: dict[str, Any], instances: list[tuple[Any, bool]]) -> list[tuple[dict[str, Any], Any, bool]]:
    return [(schema, instance, allowed) for instance, allowed in instances]


CASES = [
    *_cases(body_schema(CONTRACT), BODIES),
    *_cases(response_schema("create_custom_voice"), [*TASK_ANSWERS, *ECHOES]),
    *_cases(response_schema("get_custom_voice"), [*TASK_ANSWERS, *((echo, False) for echo, _ in ECHOES)]),
    *_cases(response_schema("list_custom_voices"), PAGES),
    *_cases(response_schema("list_preset_voices"), PAGES),
    *_cases(response_schema("delete_custom_voice"), DELETIONS),
    *(
        case
        for name in ("create_custom_voice", "get_custom_voice", "list_custom_voices", "delete_custom_voice")
        for status in ("400", "401", "405", "429", "default")
        for case in _cases(response_schema(name, status), REFUSALS)
    ),
]


@pytest.mark.parametrize(("schema", "instance", "allowed"), CASES)
def test_instances(schema: dict[str, Any], instance: Any, allowed: bool) -> None:
    """Allowed or not, as is known of the API."""
    assert is_valid(CONTRACT, schema, instance) is allowed


@pytest.mark.parametrize("operation_id", ["list_custom_voices", "list_preset_voices"])
def test_paging(operation_id: str) -> None:
    """Pages and page sizes run from 1 to 1000 (V)."""
    found = {each["name"]: each["schema"] for each in parameters(operation_id, "query")}
    for name, default in (("pageNum", 1), ("pageSize", 30)):
        numbers = (-1, 0, 1, 30, 1000, 1001)
        assert [number for number in numbers if is_valid(CONTRACT, found[name], number)] == [1, 30, 1000]
        assert found[name]["default"] == default


# Paths without version and vendor prefix, which a page may change.
PLACES = {
    "create_custom_voice": ("general/custom-voices", "post"),
    "get_custom_voice": ("general/custom-voices/{}", "get"),
    "list_custom_voices": ("general/custom-voices", "get"),
    "list_preset_voices": ("general/presets-voices", "get"),
    "delete_custom_voice": ("general/delete-voices", "post"),
}


@pytest.mark.parametrize("operation_id", PLACES)
def test_operations(operation_id: str) -> None:
    """Each has the documented path, requires a bearer key, describes error responses, and declares no header."""
    described = operation(operation_id)
    place = next(place for place, each in places(CONTRACT).items() if each is described)
    assert place.identity == PLACES[operation_id]
    method = place.method
    assert described.get("security", CONTRACT["security"]) == [{"bearer": []}]
    assert CONTRACT["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    statuses = {"200", "400", "401", "405", "429", "default"}
    assert statuses | ({"415"} if method == "post" else set()) <= described["responses"].keys()
    headers = [parameter for parameter in described.get("parameters", []) if parameter.get("in") == "header"]
    assert headers == []
    assert method == "get" or described["requestBody"]["required"] is True


def test_servers() -> None:
    """Both gateways are named (S)."""
    assert [server["url"] for server in CONTRACT["servers"]] == ["https://api.chainhub.tech", "https://www.kkiai.com"]
