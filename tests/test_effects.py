"""For whom a change breaks: what the table says of the wrapper and the mock is what they do."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from kling_voices import _operations, models
from kling_voices._making import create_voice
from kling_voices.mock._answering import SERVED
from pipeline.changes import OPERATION, REQUEST, RESPONSE, Change
from pipeline.effects import MOCK, READS, SENDS, USERS, WRAPPER, breaks

SENT: dict[str, Callable[[], set[str]]] = {
    _operations.CREATE: lambda: set(inspect.signature(create_voice).parameters) - {"core", "extra_body"},
    _operations.QUERY: lambda: {"id"},
    _operations.LIST: lambda: {"pageNum", "pageSize"},
    _operations.PRESETS: lambda: {"pageNum", "pageSize"},
    _operations.DELETE: lambda: {"voice_id"},
}


@pytest.mark.parametrize("operation", SENT)
def test_what_the_wrapper_sends(operation: str) -> None:
    """The table has the fields that the wrapper can send, and the generated operation takes them."""
    assert SENDS[operation] == SENT[operation]()
    assert set(SENDS) == set(SENT) == SERVED <= set(_operations.names())


def test_what_the_wrapper_reads() -> None:
    """Each field that the table has is named where answers are read."""
    from kling_voices import _answers, _create, _tasks

    text = "".join(inspect.getsource(module) for module in (models, _answers, _create, _tasks))
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
    assert breaks(Change(kind, direction, where, before), _operations.CREATE) == expected
    assert set(breaks(Change(kind, direction, where, before), "post_audio_tts")) - {USERS} == (
        {WRAPPER} if where == "servers" else set()
    )
