"""The links that chains of requests follow, for every kind of task."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.harness.contract import CONTRACT
from contract_tests.harness.links import link_targets, linked_operations, with_links
from contract_tests.harness.operations import read_task_kinds

_ACCEPTED = {"200": {"description": ""}}


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


_BODY = {"content": {"application/json": {"schema": {"type": "object", "properties": {"external_task_id": {}}}}}}
OF_A_MODEL = {
    "paths": {
        "/v1/{model}/videos": {
            "post": {
                "operationId": "create",
                "parameters": [_parameter("model")],
                "requestBody": _BODY,
                "responses": _ACCEPTED,
            }
        },
        "/v1/{model}/videos/{task_id}": {
            "get": {
                "operationId": "query",
                "parameters": [_parameter("model"), _parameter("task_id")],
                "responses": _ACCEPTED,
            }
        },
    }
}


@pytest.mark.parametrize("document", [CONTRACT, OF_A_MODEL], ids=["the contract", "a path with another parameter"])
def test_each_create_links_to_its_query(document: dict[str, Any]) -> None:
    """The link passes the task id as the last parameter of the path, even if the path has others."""
    linked, kinds = with_links(document), read_task_kinds(document)
    assert kinds
    for kind in kinds:
        create = linked["paths"][kind.create.path]["post"]
        (link,) = create["responses"][str(kind.create.success_status)]["links"].values()
        assert link["operationId"] == kind.query.name
        assert list(link["parameters"]) == [kind.query.path.rpartition("/")[2].strip("{}")]
        assert {kind.create.name, kind.query.name} <= set(linked_operations(linked, kind))
        assert kind.query.name in link_targets(document)
