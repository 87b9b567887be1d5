"""What a companion knows of an operation whose page came later, kept in the contract.

So a page that says less takes no teeth from the harness. The generated client is made from the page alone.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ..spec.documents import Document
from ..spec.operations import operations
from ..spec.schemas import is_empty_schema
from ..spec.walk import dereference


def apply_facts(document: Document, companions: Document) -> Document:
    """A copy of `document` whose operations say what their companions say and they do not."""
    full = deepcopy(document)
    known = {operation["operationId"]: operation for _, _, operation in operations(companions)}
    for _, _, operation in operations(full):
        companion = known.get(operation["operationId"])
        if companion is not None and operation != companion:
            if not operation.get("security", True):  # it says nothing of the key, which is no word against it
                del operation["security"]
            _fill_responses(full, operation["responses"], companion["responses"])
            _fill_parameters(full, operation, companion)
            _fill_body(operation, companion)
    return full


def _fill_responses(document: Document, responses: dict[str, Any], known: dict[str, Any]) -> None:
    for status, response in known.items():
        if status not in responses:
            responses[status] = deepcopy(response)
        elif status.startswith("2"):
            for media_type, media in response.get("content", {}).items():
                told = responses[status].setdefault("content", {}).setdefault(media_type, {})
                if is_empty_schema(dereference(document, told.get("schema", {}))):
                    told["schema"] = deepcopy(media["schema"])


def _fill_parameters(document: Document, operation: dict[str, Any], companion: dict[str, Any]) -> None:
    known = [deepcopy(dereference(document, parameter)) for parameter in companion.get("parameters", [])]
    told = [deepcopy(dereference(document, parameter)) for parameter in operation.get("parameters", [])]
    present = {(parameter["in"], parameter["name"]): parameter for parameter in told}
    for parameter in known:
        same = present.get((parameter["in"], parameter["name"]))
        if same is None:
            told.append(parameter)
        elif same.get("schema", {}).get("type") == parameter["schema"]["type"]:
            same["schema"] = {**parameter["schema"], **same["schema"]}
    if told:
        operation["parameters"] = told


def _fill_body(operation: dict[str, Any], companion: dict[str, Any]) -> None:
    if "requestBody" not in companion:
        return
    if "requestBody" not in operation:
        operation["requestBody"] = deepcopy(companion["requestBody"])
        return
    operation["requestBody"].setdefault("required", companion["requestBody"].get("required", False))
    for media_type, media in companion["requestBody"]["content"].items():
        told = operation["requestBody"].get("content", {}).get(media_type, {}).get("schema", {})
        if "$ref" in told:
            continue
        required = [name for name in media["schema"].get("required", []) if name in told.get("properties", {})]
        if required:
            told.setdefault("required", required)
        for name, member in media["schema"].get("properties", {}).items():
            same = told.get("properties", {}).get(name)
            if same is not None and same.get("type") == member.get("type"):
                told["properties"][name] = {**member, **same}
