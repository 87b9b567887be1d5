"""Normalise a page so that it can be merged with others, and remove declarations that OpenAPI ignores.

No information about an operation is lost: OpenAPI ignores header parameters named Accept, Content-Type and
Authorization; tags are folders of a documentation site; titles of schemas would become names of classes.
"""

from __future__ import annotations

import re
from typing import Any

from ..spec.documents import Document
from ..spec.operations import METHODS, METHODS_WITHOUT_BODY, operations
from ..spec.walk import children, copy_json, dereference

_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_SHARED_BY_A_PATH = ("summary", "description", "servers")


def normalise(document: Document) -> Document:
    """A copy of `document` in that form."""
    normal = copy_json(document)
    for path in normal.get("paths", {}):
        item = _dereferenced(normal, normal["paths"][path])
        normal["paths"][path] = _each_by_itself(normal, item)
    for _, method, operation in operations(normal):
        operation.pop("tags", None)
        operation.pop("operationId", None)
        if method in METHODS_WITHOUT_BODY:
            operation.pop("requestBody", None)
        operation.setdefault("security", copy_json(document.get("security", [])))
        _in_place(normal, operation)
    for key in ("paths", "components"):
        _without_titles_and_empty_examples(normal.get(key, {}))
    return normal


def _dereferenced(document: Document, item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = copy_json(dereference(document, item))
    return found


def _each_by_itself(document: Document, item: dict[str, Any]) -> dict[str, Any]:
    """A path item whose operations have all that the path item gives them, since they may be merged separately."""
    shared = item.get("parameters", [])
    alone = {key: value for key, value in item.items() if key not in (*_SHARED_BY_A_PATH, "parameters")}
    for method in METHODS:
        if method not in alone:
            continue
        operation = dict(alone[method])
        own = operation.pop("parameters", [])
        named = {_key(document, parameter) for parameter in own}
        parameters = [p for p in shared if _key(document, p) not in named] + own
        parameters = [parameter for parameter in parameters if not _is_ignored(document, parameter)]
        if parameters:
            operation["parameters"] = parameters
        for key in _SHARED_BY_A_PATH:
            if key in item:
                operation.setdefault(key, copy_json(item[key]))
        alone[method] = operation
    return alone


def _in_place(document: Document, operation: dict[str, Any]) -> None:
    """Replace references to body and responses by their targets, and use the plain media type of JSON."""
    if "requestBody" in operation:
        operation["requestBody"] = _plain_json(_dereferenced(document, operation["requestBody"]))
    for status, response in operation.get("responses", {}).items():
        operation["responses"][status] = _plain_json(_dereferenced(document, response))


def _plain_json(described: dict[str, Any]) -> dict[str, Any]:
    content = described.get("content")
    if content:
        named = {
            re.sub(r"^application/json\s*;.*$", "application/json", kind): media for kind, media in content.items()
        }
        described["content"] = named
    return described


def _key(document: Document, parameter: dict[str, Any]) -> tuple[str, str]:
    found = dereference(document, parameter)
    return found["in"], found["name"]


def _is_ignored(document: Document, parameter: dict[str, Any]) -> bool:
    place, name = _key(document, parameter)
    return place == "header" and name.lower() in _IGNORED_HEADERS


def _without_titles_and_empty_examples(node: Any, *, of_names: bool = False) -> None:
    if isinstance(node, list):
        for item in node:
            _without_titles_and_empty_examples(item)
    elif isinstance(node, dict):
        if not of_names:
            if isinstance(node.get("title"), str):
                del node["title"]
            if not node.get("examples", True):
                del node["examples"]
        for _, value, names in children(node, of_names=of_names):
            _without_titles_and_empty_examples(value, of_names=names)
