"""Responses to the typed methods that differ from a valid one in one place: a value, or an error that fits."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import APIError, OutcomeUnknownError, UnexpectedResponseError, Voice, VoiceTask

from contract_tests.harness import newer_envelope
from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.near_misses import near_misses
from contract_tests.harness.operations import read_operations
from contract_tests.harness.strategies import responses
from tests.support.clients import KINDS, Kind, examples, open_client
from tests.support.error_table import OPERATIONS

CONTRACT_OPERATIONS = {operation.name: operation for operation in read_operations(CONTRACT)}


def _near_misses(operation_id: str) -> st.SearchStrategy[Any]:
    """Near misses of the contract's responses and of Kling's newer envelope."""
    is_list = operation_id.startswith("list_")
    newer = st.lists(newer_envelope.tasks, max_size=2) if is_list else newer_envelope.tasks
    of_contract = near_misses(responses(CONTRACT_OPERATIONS[operation_id]))
    return of_contract | near_misses(newer_envelope.enveloped(newer))


def _is_well_typed(result: Any, response: Any) -> bool:
    """Whether every field of a result has its type, and `raw` contains the whole response."""
    if isinstance(result, list):
        return all(isinstance(item, (VoiceTask, Voice)) for item in result)
    if not isinstance(result, VoiceTask):
        return False
    texts = (result.task_id, result.status, result.external_task_id, result.status_message, result.voice_name)
    return result.raw == response and all(text is None or isinstance(text, str) for text in texts)


@pytest.mark.parametrize("method", OPERATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_near_misses(kind: Kind, method: str) -> None:
    """For any response one change from valid: a typed value with the whole response, or an error that fits."""
    args, kwargs, operation_id = OPERATIONS[method]
    current: Any = None

    def handler(request: httpx.Request) -> httpx.Response:
        if method == "create_voice" and request.method == "GET":
            return httpx.Response(400, json={"code": 1201, "message": "task not found"})
        return httpx.Response(200, json=current)

    with open_client(kind, handler, max_retries=0) as call:

        @examples(kind, 40)
        @given(_near_misses(operation_id))
        def check(near_miss: Any) -> None:
            nonlocal current
            current = near_miss
            try:
                result = call(method, *args, **kwargs)
            except OutcomeUnknownError as error:
                assert method == "create_voice"
                assert error.external_task_id
                assert isinstance(error.__cause__, APIError)
            except UnexpectedResponseError as error:
                assert method != "create_voice", "a create with an unreadable response may have been charged"
                assert error.body == current
            except APIError as error:
                # Only a code makes a response with status 200 an error, and only a documented one is definite.
                assert error.code is not None
                assert method != "create_voice" or error.code in range(1000, 5000)
            else:
                assert _is_well_typed(result, current)
                assert method != "create_voice" or result.query_id

        check()
