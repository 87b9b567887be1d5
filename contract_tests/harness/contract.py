"""The compiled contract, and validators of its schemas."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from pipeline.generate.contract import to_json_schema
from pipeline.spec.operations import operations
from pipeline.spec.walk import resolve

from tests.support.repository import COMPILED, CREATE_PATH

CONTRACT = COMPILED  # the mock gateway serves all of it


def operation(operation_id: str) -> dict[str, Any]:
    """An operation of the contract."""
    return next(found for _, _, found in operations(CONTRACT) if found["operationId"] == operation_id)


def parameters(operation_id: str, place: str) -> list[dict[str, Any]]:
    """The parameters of an operation in `place`: "query", "path", "header" or "cookie"."""
    declared = operation(operation_id).get("parameters", [])
    expanded = [resolve(CONTRACT, parameter["$ref"]) if "$ref" in parameter else parameter for parameter in declared]
    return [parameter for parameter in expanded if parameter["in"] == place]


def response_schema(operation_id: str, status: str = "200") -> dict[str, Any]:
    """The schema of a JSON response in the contract."""
    described: dict[str, Any] = operation(operation_id)["responses"][status]
    if "$ref" in described:
        described = CONTRACT["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema: dict[str, Any] = described["content"]["application/json"]["schema"]
    return schema


def body_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of the create's body."""
    create = document["paths"][CREATE_PATH]["post"]
    schema: dict[str, Any] = create["requestBody"]["content"]["application/json"]["schema"]
    return schema


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator of one of the contract's schemas, or of the supplied document's."""
    return jsonschema_rs.Draft202012Validator({**to_json_schema(schema), "components": CONTRACT["components"]})
