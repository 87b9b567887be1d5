"""Whatever valid input `create_voice` gets, the request that leaves keeps both documents."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from kling_voices import Gateway

from contract_tests.harness.clients import KEY, KINDS, Kind, calling
from contract_tests.harness.contract import CONTRACT, CREATE_PATH, SUPPLIED, body_schema, validator
from contract_tests.harness.strategies import create_arguments

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

    @given(create_arguments())
    def check(arguments: dict[str, Any]) -> None:
        with respx.mock(base_url=HOSTS[gateway], assert_all_mocked=True) as router:
            route = router.post(CREATE_PATH).mock(return_value=httpx.Response(200, json=ANSWER))
            with calling(kind, router.handler, gateway=gateway) as call:
                task = call("create_voice", **arguments)
            request = route.calls.last.request
        assert route.call_count == 1
        assert str(request.url) == HOSTS[gateway] + CREATE_PATH
        assert request.headers.get_list("authorization") == [f"Bearer {KEY}"]
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
