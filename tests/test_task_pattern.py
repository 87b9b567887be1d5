"""Kling's task pattern is found in an OpenAPI document by its shape, not by names."""

from __future__ import annotations

from typing import Any

import pytest
from kling_voices._protocol.task_pattern import TaskOperations, find_missing_queries, find_task_operations

from tests.support.repository import COMPILED

BODY = {"content": {"application/json": {"schema": {"properties": {"external_task_id": {"type": "string"}}}}}}


def document(**changes: Any) -> dict[str, Any]:
    """A video operation in Kling's pattern; `changes` replace parts of its create."""
    create = {"operationId": "create_video", "requestBody": BODY, **changes}
    return {
        "paths": {
            "/v1/videos": {"post": create, "get": {"operationId": "list_videos"}},
            "/v1/videos/{task_id}": {"get": {"operationId": "get_video"}},
        },
        "components": {"schemas": {"Body": {"properties": {"external_task_id": {}}}}},
    }


def test_the_contract_has_voices() -> None:
    """The voice operations are one instance of the pattern."""
    voices = TaskOperations("create_custom_voice", "get_custom_voice", "id", "list_custom_voices")
    assert find_task_operations(COMPILED)["create_custom_voice"] == voices


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"external_task_id": {}}},
        {"$ref": "#/components/schemas/Body"},
        {"allOf": [{"properties": {"prompt": {}}}, {"$ref": "#/components/schemas/Body"}]},
        {"oneOf": [{"properties": {"prompt": {}}}, {"properties": {"external_task_id": {}}}]},
    ],
)
def test_where_the_external_id_is_described(schema: dict[str, Any]) -> None:
    """The field is found in the schema, behind a reference, and in a composition."""
    found = find_task_operations(document(requestBody={"content": {"application/json": {"schema": schema}}}))
    assert found == {"create_video": TaskOperations("create_video", "get_video", "task_id", "list_videos")}


def test_the_list_is_optional() -> None:
    """Without `GET X`, the kind of task has no list."""
    described = document()
    del described["paths"]["/v1/videos"]["get"]
    assert find_task_operations(described)["create_video"].list is None


def test_what_is_not_the_pattern() -> None:
    """Without the field, or without a query, a POST creates no task."""
    other: dict[str, Any] = {"content": {"application/json": {"schema": {"properties": {"voice_id": {}}}}}}
    assert find_task_operations(document(requestBody=other)) == {}
    described = document()
    assert find_missing_queries(described) == {}
    del described["paths"]["/v1/videos/{task_id}"]
    assert find_task_operations(described) == {}


def test_a_missing_query_is_found() -> None:
    """A POST that accepts an external task id needs a query; the path that is missing is named."""
    described = document()
    del described["paths"]["/v1/videos/{task_id}"]
    assert find_missing_queries(described) == {"create_video": "/v1/videos/{id}"}
    assert find_missing_queries(document(requestBody={})) == {}


def test_a_circular_schema_ends() -> None:
    """A schema that refers to itself is read to a limited depth."""
    described = document(
        requestBody={"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Loop"}}}}
    )
    described["components"]["schemas"]["Loop"] = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}
    assert find_task_operations(described) == {}
