"""Answers one mutation away from valid: a value, or an error that the rules foresee; never silence about a charge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import APIError, OutcomeUnknownError, UnexpectedResponseError, Voice, VoiceTask

from contract_tests.harness.contract import response_schema
from contract_tests.harness.strategies import matching
from tests.support.clients import KINDS, Kind, examples, open_client
from tests.support.error_table import OPERATIONS

_REPLACEMENTS: tuple[Any, ...] = (
    None,
    True,
    0,
    7,
    1.5,
    830460928805724256,
    "",
    "queued",
    [],
    {},
    [None],
    {"code": 1302},
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member of a document."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from _places(member, (*path, key))


def _mutations(answer: Any) -> st.SearchStrategy[tuple[str, Any]]:
    """One place of the answer dropped, replaced, wrapped or renamed."""
    return st.builds(
        lambda place, change: (f"{change[0]} at {place}", _mutated(answer, place, change[1])),
        st.sampled_from(sorted(_places(answer), key=str)),
        st.sampled_from(
            [
                ("dropped", lambda _: _DROP),
                ("wrapped", lambda value: {"data": value}),
                ("in a list", lambda value: [value]),
                ("as text", str),
                *((f"replaced by {value!r}", lambda _, value=value: value) for value in _REPLACEMENTS),
            ]
        ),
    )


_DROP = object()


def _mutated(answer: Any, place: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    copy = deepcopy(answer)
    parent = copy
    for step in place[:-1]:
        parent = parent[step]
    value = change(parent[place[-1]])
    if value is _DROP:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return copy


def _near_misses(operation_id: str) -> st.SearchStrategy[tuple[str, Any]]:
    return matching(json.dumps(response_schema(operation_id))).flatmap(_mutations)


def _is_read(came: Any, answer: Any) -> bool:
    """What a value may look like: every field of its type, and nothing lost."""
    if isinstance(came, list):
        return all(isinstance(item, (VoiceTask, Voice)) for item in came)
    if not isinstance(came, VoiceTask):
        return False
    texts = (came.task_id, came.status, came.external_task_id, came.status_message, came.voice_name)
    return came.raw == answer and all(text is None or isinstance(text, str) for text in texts)


@pytest.mark.parametrize("method", OPERATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_near_misses(kind: Kind, method: str) -> None:
    """For any answer one mutation from valid: a typed value that keeps it whole, or a foreseen error."""
    args, kwargs, operation_id = OPERATIONS[method]
    current: Any = None

    def handler(request: httpx.Request) -> httpx.Response:
        if method == "create_voice" and request.method == "GET":
            return httpx.Response(400, json={"code": 1201, "message": "task not found"})
        return httpx.Response(200, json=current)

    with open_client(kind, handler, max_retries=0) as call:

        @examples(kind, 50)
        @given(_near_misses(operation_id))
        def check(near_miss: tuple[str, Any]) -> None:
            nonlocal current
            _, current = near_miss
            try:
                came = call(method, *args, **kwargs)
            except OutcomeUnknownError as error:
                assert method == "create_voice"
                assert error.external_task_id
                assert isinstance(error.__cause__, APIError)
            except UnexpectedResponseError as error:
                assert method != "create_voice", "a create whose answer is not understood may have been charged"
                assert error.body == current
            except APIError as error:
                # Only a code can make an HTTP 200 a refusal, and only a documented one a sure one.
                assert error.code is not None
                assert method != "create_voice" or error.code in range(1000, 5000)
            else:
                assert _is_read(came, current)
                assert method != "create_voice" or came.query_id

        check()
