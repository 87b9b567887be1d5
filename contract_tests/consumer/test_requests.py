"""For any valid input, the typed methods send requests that follow the supplied document and the contract."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from kling_voices import Gateway
from pipeline.generate import assemble

from contract_tests.harness.contract import CONTRACT, body_schema, validator
from contract_tests.harness.operations import Operation, read_operations
from contract_tests.harness.samples import sample_response
from contract_tests.harness.strategies import create_arguments, ids
from contract_tests.harness.validation import is_valid
from tests.support.clients import API_KEY, KINDS, Kind, examples, open_client
from tests.support.repository import OPENAPI

SUPPLIED = assemble.load_supplied_document(OPENAPI)
HOSTS = {Gateway.CHAINHUB: SUPPLIED["servers"][0]["url"], Gateway.KKIAI: "https://www.kkiai.com"}
OPERATIONS = {operation.name: operation for operation in read_operations(CONTRACT)}
CREATE = OPERATIONS["create_custom_voice"]
BY_SUPPLIED = validator(body_schema(SUPPLIED))
_PAGE_SIZES: st.SearchStrategy[Any] = st.tuples(st.none(), st.fixed_dictionaries({"page_size": st.integers(1, 1000)}))
_IDS: st.SearchStrategy[Any] = st.tuples(ids, st.just({}))
# By method: its arguments, and the operation that it calls.
READS: dict[str, tuple[st.SearchStrategy[Any], str]] = {
    "get_task": (_IDS, "get_custom_voice"),
    "recover": (_IDS, "get_custom_voice"),
    "list_tasks": (_PAGE_SIZES, "list_custom_voices"),
    "list_presets": (_PAGE_SIZES, "list_preset_voices"),
    "delete_voice": (_IDS, "delete_custom_voice"),
}


def _response(operation: Operation) -> httpx.Response:
    return httpx.Response(operation.success_status, json=sample_response(operation))


@pytest.mark.parametrize("gateway", HOSTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_create_keeps_both_documents(kind: Kind, gateway: Gateway) -> None:
    """For any valid arguments: one POST to host and path, valid by both documents, with the key once as bearer."""

    @examples(kind, 30)
    @given(create_arguments())
    def check(arguments: dict[str, Any]) -> None:
        with respx.mock(base_url=HOSTS[gateway], assert_all_mocked=True) as router:
            route = router.post(CREATE.path).mock(return_value=_response(CREATE))
            with open_client(kind, router.handler, gateway=gateway) as call:
                task = call("create_voice", **arguments)
            request = route.calls.last.request
        assert route.call_count == 1
        assert str(request.url) == HOSTS[gateway] + CREATE.path
        assert request.headers.get_list("authorization") == [f"Bearer {API_KEY}"]
        assert request.headers.get_list("content-type") == ["application/json"]
        body = json.loads(request.content)
        assert [error.message for error in BY_SUPPLIED.iter_errors(body)] == []
        assert CREATE.body is not None
        assert is_valid(CONTRACT, CREATE.body.schema, body)
        assert body["voice_name"] == arguments["voice_name"]
        for name in ("voice_url", "video_id", "callback_url"):
            assert body.get(name) == (arguments.get(name) or None)
        assert body["external_task_id"] == (arguments.get("external_task_id") or task.external_task_id)
        for name, value in (arguments.get("extra_body") or {}).items():
            assert body[name] == value

    check()


def _check_request(request: httpx.Request, operation: Operation, given_id: str | None) -> None:
    """Method, path, parameters, body and key match the contract."""
    path = operation.path
    for name in operation.parameters_in("path"):
        path = path.replace(f"{{{name}}}", given_id or "")
    assert request.method == operation.method
    assert unquote(request.url.raw_path.decode().partition("?")[0]) == path
    assert request.headers.get_list("authorization") == [f"Bearer {API_KEY}"]
    declared = operation.parameters_in("query")
    assert request.url.params.keys() == declared.keys()
    for name, value in request.url.params.items():
        assert is_valid(CONTRACT, declared[name]["schema"], int(value))
    if operation.body and operation.body.is_required:
        assert is_valid(CONTRACT, operation.body.schema, json.loads(request.content))
        assert json.loads(request.content) == {"voice_id": given_id}
    else:
        assert request.content == b""


@pytest.mark.parametrize("gateway", HOSTS)
@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_other_request_keeps_the_contract(kind: Kind, method: str, gateway: Gateway) -> None:
    """For any valid id or page size: one request to the host of the gateway, as the contract describes it."""
    arguments, operation_id = READS[method]
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return _response(OPERATIONS[operation_id])

    with open_client(kind, handler, gateway=gateway) as call:

        @examples(kind, 30)
        @given(arguments)
        def check(given_arguments: tuple[str | None, dict[str, Any]]) -> None:
            given_id, options = given_arguments
            sent.clear()
            call(method, *([given_id] if given_id is not None else []), **options)
            assert len(sent) == 1
            assert str(sent[0].url).startswith(HOSTS[gateway])
            _check_request(sent[0], OPERATIONS[operation_id], given_id)

        check()
