"""The kinds of changes and who is affected: the tables about wrapper and mock match their code."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from kling_voices import KlingVoices, models
from kling_voices._protocol import responses, tasks
from pipeline.diff.changes import Change, Differ
from pipeline.diff.impact import MOCK, USERS, WRAPPER, affected
from pipeline.diff.kinds import OPERATION, REQUEST, RESPONSE
from pipeline.facts.known import by_id
from pipeline.facts.wrapper import READS, SENDS
from pipeline.ingest.downgrade import downgrade
from pipeline.spec.operations import path_parameters

from tests.support.repository import COMPILED

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
    assert set(SENDS) == set(SENT) <= set(by_id(COMPILED))


def test_what_the_wrapper_reads() -> None:
    """The code that parses responses names each field of the table."""
    text = "".join(inspect.getsource(module) for module in (models, responses, tasks))
    assert [
        name for name in sorted(READS) if f'"{name}"' not in text and f'"{name.removesuffix("s")}"' not in text
    ] == []


@pytest.mark.parametrize(
    ("kind", "direction", "where", "before", "expected"),
    [
        ("new-optional-request-property", REQUEST, "body.x", None, ()),
        ("request-property-removed", REQUEST, "body.voice_url", None, (USERS, WRAPPER)),
        ("request-property-removed", REQUEST, "body.other", None, (USERS,)),
        ("new-required-request-property", REQUEST, "body.x", None, (USERS, WRAPPER)),
        ("request-property-became-required", REQUEST, "body.callback_url", None, (USERS, WRAPPER)),
        ("request-property-became-required", REQUEST, "body.voice_name", None, (USERS,)),
        ("request-parameter-removed", REQUEST, "query.pageNum", "voice_name", (USERS, WRAPPER)),
        ("request-body-became-required", REQUEST, "body", None, (USERS,)),
        ("request-parameter-type-changed", REQUEST, "path.1", None, (USERS, WRAPPER, MOCK)),
        ("request-property-type-changed", REQUEST, "body.voice_url", None, (USERS, WRAPPER, MOCK)),
        ("request-body-added-optional", REQUEST, "body", None, ()),
        ("request-property-became-enum", REQUEST, "body.voice_name", None, (USERS, WRAPPER)),
        ("request-property-enum-value-removed", REQUEST, "body.voice_name", None, (USERS,)),
        ("request-property-enum-value-added", REQUEST, "body.voice_name", None, ()),
        ("request-property-max-length-decreased", REQUEST, "body.voice_name", None, (USERS,)),
        ("request-property-min-length-set", REQUEST, "body.voice_name", None, (USERS,)),
        ("request-property-max-length-increased", REQUEST, "body.voice_name", None, ()),
        ("request-body-one-of-added", REQUEST, "body", None, (USERS,)),
        ("api-security-updated", REQUEST, "security", None, (USERS, WRAPPER, MOCK)),
        ("response-optional-property-added", RESPONSE, "200.data.x", None, ()),
        ("response-required-property-removed", RESPONSE, "200.data.task_id", None, (USERS, WRAPPER, MOCK)),
        ("response-optional-property-removed", RESPONSE, "200.data.other", None, (USERS,)),
        ("response-property-enum-value-added", RESPONSE, "200.data.task_status", None, (USERS,)),
        ("response-property-enum-value-removed", RESPONSE, "200.data.task_status", None, (MOCK,)),
        ("response-property-pattern-added", RESPONSE, "200.data.task_id", None, (MOCK,)),
        ("response-property-pattern-removed", RESPONSE, "200.data.task_id", None, (USERS,)),
        ("response-property-became-nullable", RESPONSE, "200.data.task_id", None, (USERS, WRAPPER)),
        ("response-property-became-required", RESPONSE, "200.data.task_id", None, (MOCK,)),
        ("response-property-type-changed", RESPONSE, "200.data.task_id", None, (USERS, WRAPPER, MOCK)),
        ("response-non-success-status-added", RESPONSE, "402", None, ()),
        ("response-non-success-status-removed", RESPONSE, "429", None, (MOCK,)),
        ("response-success-status-removed", RESPONSE, "200", None, (USERS, WRAPPER, MOCK)),
        ("response-body-media-type-schema-added", RESPONSE, "200", None, ()),
        ("response-body-media-type-schema-removed", RESPONSE, "200", None, (USERS,)),
        ("server-changed", OPERATION, "servers", None, (USERS, WRAPPER)),
        ("api-path-changed", OPERATION, "path", None, (USERS,)),
        ("api-removed-without-deprecation", OPERATION, "GET /x", None, (USERS, WRAPPER, MOCK)),
        ("description-changed", OPERATION, "the text", None, ()),
    ],
)
def test_who_is_affected(kind: str, direction: str, where: str, before: object, expected: tuple[str, ...]) -> None:
    """Request changes affect senders, response changes readers; wrapper and mock only for fields that they use."""
    assert affected(Change(kind, direction, where, before), "create_custom_voice") == expected
    assert set(affected(Change(kind, direction, where, before), "post_audio_tts")) - {USERS} == (
        {WRAPPER} if where == "servers" else set()
    )


def _query(path: str, *types: str) -> tuple[dict[str, Any], str]:
    names = path_parameters(path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        for name, kind in zip(names, types, strict=True)
    ]
    return {"parameters": parameters, "responses": {}}, path


def test_path_parameters_are_distinguished_by_their_place() -> None:
    """Another name or order changes what code calls them, and no request; another type at a place changes that."""
    (before, old), (after, new) = _query("/x/{a}/{b}", "string", "integer"), _query("/x/{c}/{d}", "string", "integer")
    after["parameters"].reverse()
    found = Differ({}, {}).operation(before, after, (old, new))
    assert [(each.kind, each.direction) for each in found] == [("other-change", OPERATION)]
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
    """The stricter of two limits counts, and so do keywords beside a reference."""
    page = {"openapi": "3.1.0", "components": {"schemas": {"X": schema}}}
    assert downgrade(page, "page")["components"]["schemas"]["X"] == lowered
