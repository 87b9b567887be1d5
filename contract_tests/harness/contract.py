"""The compiled contract and the supplied document, and validators of their schemas."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
from kling_voices.mock._answering import SERVED
from pipeline import build
from pipeline.contract import to_json_schema
from pipeline.documents import resolved
from pipeline.merge import METHODS, operations

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi"

COMPILED: dict[str, Any] = json.loads(files("kling_gateway").joinpath("contract.json").read_text(encoding="utf-8"))


def _served(compiled: dict[str, Any]) -> dict[str, Any]:
    """The contract of the operations that the mock gateway serves."""
    paths = {
        path: {key: value for key, value in item.items() if key not in METHODS or value["operationId"] in SERVED}
        for path, item in compiled["paths"].items()
    }
    return {**compiled, "paths": {path: item for path, item in paths.items() if item}}


CONTRACT = _served(COMPILED)
# A page has brought them, and nobody has taught the mock gateway what they do: nothing is proved of them.
NOT_SERVED = sorted({operation["operationId"] for _, _, operation in operations(COMPILED)} - SERVED)
SUPPLIED: dict[str, Any] = build.supplied_document(OPENAPI)

CREATE_PATH = "/kling/v1/general/custom-voices"


def operation(operation_id: str) -> dict[str, Any]:
    """An operation of the contract."""
    return next(found for _, _, found in operations(CONTRACT) if found["operationId"] == operation_id)


def parameters(operation_id: str, place: str) -> list[dict[str, Any]]:
    """The parameters of an operation that stand in that place, such as the query."""
    told = operation(operation_id).get("parameters", [])
    found = [resolved(CONTRACT, parameter["$ref"]) if "$ref" in parameter else parameter for parameter in told]
    return [parameter for parameter in found if parameter["in"] == place]


def answer_schema(operation_id: str, status: str = "200") -> dict[str, Any]:
    """The schema that the contract gives an answer."""
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
