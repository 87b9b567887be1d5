"""What has changed, and for whom it breaks: what is said of the wrapper and the mock is what they do."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from kling_voices import KlingVoices, models
from kling_voices._protocol import operations, responses, tasks
from kling_voices._protocol.requests import CREATE_OPERATION
from pipeline.diff.changes import OPERATION, REQUEST, RESPONSE, Change, Differ
from pipeline.diff.impact import MOCK, READS, SENDS, USERS, WRAPPER, breaks
from pipeline.ingest.downgrade import downgrade
from pipeline.spec.operations import path_parameters

SENT: dict[str, Callable[[], set[str]]] = {
    "create_custom_voice": lambda: set(inspect.signature(KlingVoices.create_voice).parameters) - {"self", "extra_body"},
    "get_custom_voice": lambda: {"id"},
    "list_custom_voices": lambda: {"pageNum", "pageSize"},
    "list_preset_voices": lambda: {"pageNum", "pageSize"},
    "delete_custom_voice": lambda: {"voice_id"},
}


@pytest.mark.parametrize("operation", SENT)
def test_what_the_wrapper_sends(operation: str) -> None:
    """The table has the fields that the wrapper can send, and the generated operation takes them."""
    assert SENDS[operation] == SENT[operation]()
    assert set(SENDS) == set(SENT) <= set(operations.operation_names())


def test_what_the_wrapper_reads() -> None:
    """Each field that the table has is named where answers are read."""
    text = "".join(inspect.getsource(module) for module in (models, responses, tasks))
    assert [
        name for name in sorted(READS) if f'"{name}"' not in text and f'"{name.removesuffix("s")}"' not in text
    ] == []


@pytest.mark.parametrize(
    ("kind", "direction", "where", "before", "expected"),
    [
        ("property added", REQUEST, "body.x", None, ()),
        ("property removed", REQUEST, "body.voice_url", None, (USERS, WRAPPER)),
        ("property removed", REQUEST, "body.other", None, (USERS,)),
        ("required property added", REQUEST, "body.x", None, (USERS, WRAPPER)),
        ("required added", REQUEST, "body.callback_url", None, (USERS, WRAPPER)),
        ("required added", REQUEST, "body.voice_name", None, (USERS,)),
        ("required added", REQUEST, "body", None, (USERS,)),
        ("type changed", REQUEST, "path.1", None, (USERS, WRAPPER, MOCK)),
        ("body added", REQUEST, "body", None, ()),
        ("enum narrowed", REQUEST, "body.voice_name", None, (USERS,)),
        ("enum widened", REQUEST, "body.voice_name", None, ()),
        ("bounds tightened", REQUEST, "body.voice_name", None, (USERS,)),
        ("bounds loosened", REQUEST, "body.voice_name", None, ()),
        ("security changed", REQUEST, "security", None, (USERS, WRAPPER, MOCK)),
        ("property added", RESPONSE, "200.data.x", None, ()),
        ("property removed", RESPONSE, "200.data.task_id", None, (USERS, WRAPPER, MOCK)),
        ("property removed", RESPONSE, "200.data.other", None, (USERS,)),
        ("enum widened", RESPONSE, "200.data.task_status", None, (USERS,)),
        ("enum narrowed", RESPONSE, "200.data.task_status", None, (MOCK,)),
        ("bounds tightened", RESPONSE, "200.data.task_id", None, (MOCK,)),
        ("bounds loosened", RESPONSE, "200.data.task_id", None, (USERS,)),
        ("nullable", RESPONSE, "200.data.task_id", None, (USERS, WRAPPER)),
        ("required added", RESPONSE, "200.data.task_id", None, (MOCK,)),
        ("status added", RESPONSE, "402", None, ()),
        ("status removed", RESPONSE, "429", None, (MOCK,)),
        ("status removed", RESPONSE, "200", None, (USERS, WRAPPER, MOCK)),
        ("schema filled in", RESPONSE, "200", None, ()),
        ("schema emptied", RESPONSE, "200", None, (USERS,)),
        ("server changed", OPERATION, "servers", None, (USERS, WRAPPER)),
        ("path changed", OPERATION, "path", None, (USERS,)),
        ("operation removed", OPERATION, "GET /x", None, (USERS, WRAPPER, MOCK)),
        ("description only", OPERATION, "the text", None, ()),
    ],
)
def test_for_whom_it_breaks(kind: str, direction: str, where: str, before: object, expected: tuple[str, ...]) -> None:
    """Requests break who is refused, answers who reads them; wrapper and mock only in what they have to do with."""
    assert breaks(Change(kind, direction, where, before), CREATE_OPERATION) == expected
    assert set(breaks(Change(kind, direction, where, before), "post_audio_tts")) - {USERS} == (
        {WRAPPER} if where == "servers" else set()
    )


def _query(path: str, *types: str) -> tuple[dict[str, Any], str]:
    names = path_parameters(path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        for name, kind in zip(names, types, strict=True)
    ]
    return {"parameters": parameters, "responses": {}}, path


def test_parameters_of_a_path_are_told_apart_by_their_place() -> None:
    """Another name or order changes what code calls them, and no request; another type at a place changes that."""
    (before, old), (after, new) = _query("/x/{a}/{b}", "string", "integer"), _query("/x/{c}/{d}", "string", "integer")
    after["parameters"].reverse()
    told = Differ({}, {}).operation(before, after, (old, new))
    assert [(each.kind, each.direction) for each in told] == [("changed otherwise", OPERATION)]
    swapped, _ = _query("/x/{c}/{d}", "integer", "string")
    assert [each.where for each in Differ({}, {}).operation(before, swapped, (old, new))] == ["path.1", "path.2"]


@pytest.mark.parametrize(
    ("schema", "lowered"),
    [
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"minimum": 5, "exclusiveMinimum": 3}, {"minimum": 5, "exclusiveMinimum": False}),
        ({"minimum": 3, "exclusiveMinimum": 5}, {"minimum": 5, "exclusiveMinimum": True}),
        ({"maximum": 3, "exclusiveMaximum": 5}, {"maximum": 3, "exclusiveMaximum": False}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"const": 1}, {"enum": [1]}),
        ({"$ref": "#/x", "maxLength": 3}, {"allOf": [{"$ref": "#/x"}, {"maxLength": 3}]}),
    ],
)
def test_what_3_1_says_in_the_words_of_3_0(schema: dict[str, Any], lowered: dict[str, Any]) -> None:
    """The tighter of two bounds counts, and what stands beside a reference does."""
    page = {"openapi": "3.1.0", "components": {"schemas": {"X": schema}}}
    assert downgrade(page, "page")["components"]["schemas"]["X"] == lowered
