"""Whatever valid input a method gets, the request that leaves keeps the documents."""

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
from pipeline.spec.operations import operations

from contract_tests.harness.contract import CONTRACT, SUPPLIED, body_schema, operation, parameters, validator
from contract_tests.harness.strategies import create_arguments, ids
from tests.support.clients import API_KEY, KINDS, Kind, examples, open_client
from tests.support.repository import CREATE_PATH

HOSTS = {Gateway.CHAINHUB: SUPPLIED["servers"][0]["url"], Gateway.KKIAI: "https://www.kkiai.com"}
BY_CONTRACT = validator(body_schema(CONTRACT))
BY_SUPPLIED = validator(body_schema(SUPPLIED))
ANSWER = {
    "code": 0,
    "message": "SUCCEED",
    "request_id": "r-1",
    "data": {"task_id": "830460928805724256", "task_status": "submitted", "created_at": 1, "updated_at": 1},
}


@pytest.mark.parametrize("gateway", HOSTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_create_keeps_both_documents(kind: Kind, gateway: Gateway) -> None:
    """For any valid arguments: one POST to host and path, valid by both schemas, with the key once as bearer."""

    @examples(kind)
    @given(create_arguments())
    def check(arguments: dict[str, Any]) -> None:
        with respx.mock(base_url=HOSTS[gateway], assert_all_mocked=True) as router:
            route = router.post(CREATE_PATH).mock(return_value=httpx.Response(200, json=ANSWER))
            with open_client(kind, router.handler, gateway=gateway) as call:
                task = call("create_voice", **arguments)
            request = route.calls.last.request
        assert route.call_count == 1
        assert str(request.url) == HOSTS[gateway] + CREATE_PATH
        assert request.headers.get_list("authorization") == [f"Bearer {API_KEY}"]
        assert request.headers.get_list("content-type") == ["application/json"]
        body = json.loads(request.content)
        assert [error.message for error in BY_SUPPLIED.iter_errors(body)] == []
        assert [error.message for error in BY_CONTRACT.iter_errors(body)] == []
        assert body["voice_name"] == arguments["voice_name"]
        for name in ("voice_url", "video_id", "callback_url"):
            assert body.get(name) == (arguments.get(name) or None)
        assert body["external_task_id"] == (arguments.get("external_task_id") or task.external_task_id)
        for name, value in (arguments.get("extra_body") or {}).items():
            assert body[name] == value

    check()


# Method → what it takes, as a strategy, and the operation that it calls.
READS: dict[str, tuple[st.SearchStrategy[Any], str]] = {
    "get_task": (st.tuples(ids, st.just({})), "get_custom_voice"),
    "recover": (st.tuples(ids, st.just({})), "get_custom_voice"),
    "list_tasks": (
        st.tuples(st.none(), st.fixed_dictionaries({"page_size": st.integers(1, 1000)})),
        "list_custom_voices",
    ),
    "list_presets": (
        st.tuples(st.none(), st.fixed_dictionaries({"page_size": st.integers(1, 1000)})),
        "list_preset_voices",
    ),
    "delete_voice": (st.tuples(ids, st.just({})), "delete_custom_voice"),
}
PLACES = {operation["operationId"]: (path, method.upper()) for path, method, operation in operations(CONTRACT)}


def _keeps(request: httpx.Request, operation_id: str, given_id: str | None) -> None:
    """Method, path, parameters, body and key are those of the contract."""
    path, method = PLACES[operation_id]
    assert request.method == method
    assert unquote(request.url.raw_path.decode().partition("?")[0]) == path.replace("{id}", given_id or "")
    assert request.headers.get_list("authorization") == [f"Bearer {API_KEY}"]
    declared = {parameter["name"]: parameter["schema"] for parameter in parameters(operation_id, "query")}
    assert request.url.params.keys() == declared.keys()
    for name, value in request.url.params.items():
        assert validator(declared[name]).is_valid(int(value))
    if method == "POST":
        schema = operation(operation_id)["requestBody"]["content"]["application/json"]["schema"]
        assert validator(schema).is_valid(json.loads(request.content))
        assert json.loads(request.content) == {"voice_id": given_id}
    else:
        assert request.content == b""


@pytest.mark.parametrize("gateway", HOSTS)
@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_other_request_keeps_the_contract(kind: Kind, method: str, gateway: Gateway) -> None:
    """For any valid id or page size: one request to the gateway's host, as the contract describes it."""
    arguments, operation_id = READS[method]
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        data: Any = [] if method.startswith("list") else {"task_id": "1", "task_status": "succeed"}
        return httpx.Response(200, json={"code": 0, "message": "", "request_id": "r", "data": data})

    with open_client(kind, handler, gateway=gateway) as call:

        @examples(kind, 30)
        @given(arguments)
        def check(given_arguments: tuple[str | None, dict[str, Any]]) -> None:
            given_id, options = given_arguments
            seen.clear()
            call(method, *([given_id] if given_id is not None else []), **options)
            assert len(seen) == 1
            assert str(seen[0].url).startswith(HOSTS[gateway] + "/kling/")
            _keeps(seen[0], operation_id, given_id)

        check()
