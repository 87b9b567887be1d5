"""Refuse constructs that the generated code does not support. They are never ignored."""

from __future__ import annotations

from typing import Any

from ..spec.documents import Document, DocumentError
from ..spec.operations import operations
from ..spec.walk import children, dereference

# Names that the generated code uses itself.
_PARAMETERS = frozenset({"params", "headers", "cookies", "kwargs", "_kwargs", "client"})
_PROPERTIES = frozenset(
    {
        "to_dict",
        "from_dict",
        "to_multipart",
        "field_dict",
        "additional_properties",
        "additional_keys",
        "src_dict",
        "d",
        "cls",
    }
)
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def check_supported(document: Document, name: str) -> None:
    """Raise DocumentError for the first name or style that the generated code does not support."""
    for path, method, operation in operations(document):
        shared = document["paths"][path].get("parameters", [])
        for parameter in (dereference(document, each) for each in (*shared, *operation.get("parameters", []))):
            _check_parameter(parameter, f"{name}: {method.upper()} {path}")
    _check_properties(document, name, "")


def _check_parameter(parameter: dict[str, Any], where: str) -> None:
    named, place = parameter["name"], parameter["in"]
    if named.lower() in _PARAMETERS:
        raise DocumentError(f"{where} has a parameter {named!r}, a name that the generated code reserves")
    schema = parameter.get("schema", {})
    is_many = schema.get("type") in {"array", "object"} or "items" in schema or "properties" in schema
    if not is_many:
        return
    style = parameter.get("style", _STYLES[place])
    if style != _STYLES[place] or (place == "query" and parameter.get("explode", True) is False):
        exploded = "" if parameter.get("explode", True) else ", not exploded"
        raise DocumentError(
            f"{where} sends {named!r} as {style}{exploded}; the generated code can only repeat the parameter "
            "for each value"
        )


def _check_properties(node: Any, name: str, place: str, *, of_names: bool = False, of_properties: bool = False) -> None:
    if isinstance(node, list):
        for number, item in enumerate(node):
            _check_properties(item, name, f"{place}/{number}")
    elif isinstance(node, dict):
        for key, value, names in children(node, of_names=of_names):
            if of_properties and key in _PROPERTIES:
                where = place.lstrip("/")
                raise DocumentError(f"{name}: {where} has {key!r}, a name that the generated code reserves")
            _check_properties(
                value,
                name,
                f"{place}/{key}",
                of_names=names,
                of_properties=names and key == "properties" and not of_names,
            )
