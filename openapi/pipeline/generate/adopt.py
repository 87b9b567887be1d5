"""An operation of `companions.yaml` keeps its name when it gets a page, because the wrapper uses the name."""

from __future__ import annotations

from typing import Any

from ..facts.wrapper import SENDS
from ..spec.documents import Document
from ..spec.operations import operations, path_parameters, shape, with_path_parameters
from ..spec.schemas import is_empty_schema
from ..spec.walk import copy_json, dereference

_JSON = "application/json"


def adopt_companions(document: Document, companions: Document) -> Document:
    """A copy in which supplied operations have their companions' names, tags and names of path parameters.

    What such a page leaves out whole, the body's schema or all query parameters, is taken from the companion; what it
    describes in part is not changed. The wrapper sends JSON, so a known operation keeps that media type.
    """
    adopted = copy_json(document)
    by_place = {(shape(path), method): (path, operation) for path, method, operation in operations(companions)}
    ours = {operation["operationId"]: (path, operation) for path, _, operation in operations(companions)}
    for path, method, operation in list(operations(adopted)):
        name = operation.get("operationId", "")
        companion = ours.get(name) or (by_place.get((shape(path), method)) if not name else None)
        if companion is not None:
            operation["operationId"] = companion[1]["operationId"]
            operation["tags"] = list(companion[1]["tags"])
            _fill(adopted, operation, companion[1])
            _rename_path_parameters(adopted, path, method, companion[0])
        if operation.get("operationId") in SENDS:
            _send_json(adopted, operation)
    return adopted


def _fill(document: Document, operation: dict[str, Any], companion: dict[str, Any]) -> None:
    described = [dereference(document, each) for each in operation.get("parameters", [])]
    known = [dereference(document, each) for each in companion.get("parameters", [])]
    queries = [copy_json(each) for each in known if each["in"] == "query"]
    if queries and not any(each["in"] == "query" for each in described):
        operation["parameters"] = [*operation.get("parameters", []), *queries]
    if "requestBody" in companion:
        content = dereference(document, operation.get("requestBody", {})).get("content", {})
        schemas = [dereference(document, media.get("schema", {})) for media in content.values()]
        if all(is_empty_schema(schema) for schema in schemas):
            operation["requestBody"] = copy_json(companion["requestBody"])


def _send_json(document: Document, operation: dict[str, Any]) -> None:
    """A known operation is sent as JSON until a decision accepts another media type of its page."""
    content = dereference(document, operation.get("requestBody", {})).get("content", {})
    if content and _JSON not in content:
        body = copy_json(dereference(document, operation["requestBody"]))
        operation["requestBody"] = {**body, "content": {_JSON: next(iter(content.values()))}}


def _rename_path_parameters(document: Document, path: str, method: str, like: str) -> None:
    old, new = path_parameters(path), path_parameters(like)
    if old == new or len(old) != len(new):
        return
    operation: dict[str, Any] = document["paths"][path].pop(method)
    if not document["paths"][path]:
        del document["paths"][path]
    names = dict(zip(old, new, strict=True))
    parameters = [copy_json(dereference(document, parameter)) for parameter in operation.get("parameters", [])]
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter["name"] = names.get(parameter["name"], parameter["name"])
    operation["parameters"] = parameters
    document["paths"].setdefault(with_path_parameters(path, new), {})[method] = operation
