"""Add the known facts to the operations of a document. A page that states less does not remove a fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..spec.documents import Document
from ..spec.operations import operations
from ..spec.schemas import is_empty_schema
from ..spec.walk import copy_json, dereference
from .contradictions import MEDIA_TYPE, REQUEST, SCHEME, STATUS, UNDESCRIBED, Contradiction
from .known import JSON, SUCCESS, by_id
from .schemas import combine, replace_keyword

# Responses that every operation of Kling can give (V): the status, and the component that describes it.
_ERRORS = {"400": "Refused", "401": "Unauthorized", "405": "WrongMethod", "429": "TooMany", "default": "Failed"}
_ERRORS_OF_A_BODY = {"415": "WrongType"}


def attach_known(named: Document, known: Document, accepted: Iterable[Contradiction]) -> Document:
    """A copy of `named` in which every operation has its known facts.

    Args:
        named: The document with the operations as pages and companions describe them.
        known: The known operations.
        accepted: The contradictions for which a decision accepts the page.
    """
    full = copy_json(named)
    for kind, members in known["components"].items():
        full["components"].setdefault(kind, {}).update(copy_json(members))
    full["servers"] = copy_json(known["servers"])
    facts = by_id(known)
    changes = list(accepted)
    for _, _, operation in operations(full):
        fact = facts.get(operation["operationId"], {"responses": {}})
        mine = [each for each in changes if each.operation == operation["operationId"]]
        if not operation.get("security", True):
            del operation["security"]  # an empty list is what the documentation tool writes by itself
        operation["responses"] = _responses(operation, fact["responses"], full, mine)
        parameters = _parameters(operation, fact, full, mine)
        if parameters:
            operation["parameters"] = parameters
        if "requestBody" in fact:
            operation["requestBody"] = _body(operation.get("requestBody", {}), fact["requestBody"], full, mine)
    return full


def _responses(
    operation: dict[str, Any], known: dict[str, Any], document: Document, accepted: list[Contradiction]
) -> dict[str, Any]:
    described = operation["responses"]
    standard = {**_ERRORS, **(_ERRORS_OF_A_BODY if "requestBody" in operation else {})}
    errors = {status: {"$ref": f"#/components/responses/{name}"} for status, name in standard.items()}
    page_success = {status: response for status, response in described.items() if status.startswith("2")}
    if SUCCESS not in known:
        others = {status: response for status, response in described.items() if not status.startswith("2")}
        found = {**errors, **others, **page_success}
        return {status: found[status] for status in sorted(found)}
    response = dereference(document, page_success.get(SUCCESS) or next(iter(page_success.values()), {}))
    success = _success(known[SUCCESS], response, document, accepted)
    statuses = [each.page for each in accepted if each.keyword == STATUS] or [[SUCCESS]]
    kept = {status: copy_json(each) for status, each in known.items() if status != SUCCESS}
    found = {**{status: copy_json(success) for status in statuses[0]}, **errors, **kept}
    return {status: found[status] for status in sorted(found)}


def _success(
    known: dict[str, Any], page: dict[str, Any], document: Document, accepted: list[Contradiction]
) -> dict[str, Any]:
    success: dict[str, Any] = copy_json(dereference(document, known))
    success["description"] = success.get("description") or page.get("description") or ""
    ours = success.get("content", {}).get(JSON)
    if ours is None:
        return success
    theirs = page.get("content", {}).get(JSON, {})
    ours["schema"] = combine(ours["schema"], theirs.get("schema", {}), document, document)
    for each in accepted:
        if each.direction != REQUEST and each.keyword != STATUS:
            steps = list(each.steps[1:])
            ours["schema"] = replace_keyword(ours["schema"], steps, each.keyword, each.page, document)
            ours.pop("examples", None)  # they are the known responses, which the page does not accept
    if "example" in theirs and "examples" in ours:
        ours["examples"].setdefault("documented", {"summary": "From the page (S)", "value": theirs["example"]})
    return success


def _parameters(
    operation: dict[str, Any], fact: dict[str, Any], document: Document, accepted: list[Contradiction]
) -> list[dict[str, Any]]:
    known = fact.get("parameters", [])
    described = operation.get("parameters", [])
    theirs = {_key(document, each): dereference(document, each) for each in described}
    full: list[dict[str, Any]] = []
    for parameter in known:
        ours = dereference(document, parameter)
        key = _key(document, parameter)
        schema = combine(ours["schema"], theirs.get(key, {}).get("schema", {}), document, document)
        for each in accepted:
            if each.steps[:2] == key and each.keyword != "required":
                schema = replace_keyword(schema, list(each.steps[2:]), each.keyword, each.page, document)
        full.append(parameter if schema == ours["schema"] else {**ours, "schema": schema})
    present = {_key(document, each) for each in known}
    required = {each.steps[:2] for each in accepted if each.keyword == "required"}
    for parameter in described:
        key = _key(document, parameter)
        if key not in present:
            own = dereference(document, parameter)
            is_known = bool(fact.get("operationId")) and key[0] == "query" and key not in required
            full.append({**own, "required": False} if is_known and own.get("required") else parameter)
    return full


def _key(document: Document, parameter: dict[str, Any]) -> tuple[str, str]:
    found = dereference(document, parameter)
    return found["in"], found["name"]


def _body(
    page: dict[str, Any], known: dict[str, Any], document: Document, accepted: list[Contradiction]
) -> dict[str, Any]:
    body: dict[str, Any] = copy_json(known)
    media = body["content"][JSON]
    content = dereference(document, page).get("content", {})
    theirs: dict[str, Any] = content.get(JSON) or next(iter(content.values()), {})
    media["schema"] = combine(media["schema"], theirs.get("schema", {}), document, document)
    if not is_empty_schema(media["schema"]):
        media["schema"].setdefault("type", "object")
    for each in accepted:
        if each.direction == REQUEST and each.steps[0] == "body" and each.keyword not in {MEDIA_TYPE, SCHEME}:
            media["schema"] = _accept(media["schema"], each, document)
    if "required" in page and "required" not in body:
        body["required"] = page["required"]
    types = [each.page for each in accepted if each.keyword == MEDIA_TYPE]
    if types:
        body["content"] = {kind: copy_json(media) for kind in types[0]}
    return body


def _accept(schema: dict[str, Any], each: Contradiction, document: Document) -> Any:
    steps = list(each.steps[1:])
    if each.keyword == UNDESCRIBED:
        left = copy_json(dereference(document, schema))
        left["properties"].pop(steps[-1], None)
        return left
    if each.keyword != "required" or not steps:
        return replace_keyword(schema, steps, each.keyword, each.page, document)
    owner: Any = schema
    for step in steps[:-1]:
        owner = dereference(document, owner)
        owner = owner.get("items", {}) if step == "[]" else owner.get("properties", {}).get(step, {})
    required = [*dereference(document, owner).get("required", []), steps[-1]]
    return replace_keyword(schema, steps[:-1], "required", required, document)
