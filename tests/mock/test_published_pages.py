"""The mock serves the contract that is compiled from pages as chainhub publishes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kling_voices._protocol.task_pattern import find_task_operations
from kling_voices.mock import MockGateway, VirtualClock
from pipeline.generate import assemble
from pipeline.ingest import store
from pipeline.ingest.pages import read_page

from tests import pages
from tests.mock.conformance import is_described, valid_request
from tests.mock.requests import ask


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The contract of all published pages together."""
    openapi = pages.copy_openapi(tmp_path_factory.mktemp("project"))
    published = [read_page(pages.published(name)) for name in pages.NAMES]
    store.store_pages(openapi / "supplied", published, assemble.load_companions(openapi))
    return assemble.contract_document(openapi, assemble.named_document(openapi))


def test_every_operation_is_served(contract: dict[str, Any]) -> None:
    """Each operation accepts a valid request, and its reply is valid for the contract."""
    accepted = 0
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            gateway = MockGateway(contract=contract, clock=VirtualClock())
            reply = gateway.reply(valid_request(contract, path, method, operation, item))
            assert is_described(contract, operation, reply), (operation["operationId"], reply)
            asks_for_a_task = "{" in path or operation["operationId"] == "delete_custom_voice"
            assert reply.status in ({400} if asks_for_a_task else {200}), (operation["operationId"], reply)
            accepted += reply.status == 200
    assert accepted >= 15


def test_every_kind_of_task_succeeds(contract: dict[str, Any]) -> None:
    """Each create of Kling's task pattern leads to a task that finishes with results."""
    kinds = find_task_operations(contract)
    assert len(kinds) >= 8
    for path, item in contract["paths"].items():
        create = item.get("post", {})
        if create.get("operationId") not in kinds:
            continue
        clock = VirtualClock()
        gateway = MockGateway(contract=contract, clock=clock, creation_seconds=60)
        reply = gateway.reply(valid_request(contract, path, "post", create, item))
        task_id = json.loads(reply.body)["data"]["task_id"]
        clock.advance(60)
        task = ask(gateway, "GET", f"{path}/{task_id}").data
        assert task["task_status"] == "succeed", path
        assert any(task["task_result"].values()), path
