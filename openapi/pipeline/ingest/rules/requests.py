"""Rules for requests: an empty body of a GET, and operations that supposedly need no key."""

from __future__ import annotations

from typing import Any

from ...spec import walk
from .listing import Listing, operations

_WITHOUT_BODY = frozenset({"get", "head", "delete"})
_BEARER = "bearer"
_EMPTY_BODY = "a body without content is the same as no body"
_NEEDS_KEY = "the page declares a key, and every operation of the gateways needs a key"
_SAYS_NOTHING = "the page does not mention a key; every operation of the gateways needs a key"


def read_bodies(document: dict[str, Any], listing: Listing) -> dict[str, Any]:
    """A copy in which no GET, HEAD or DELETE has a body that describes nothing."""
    changed = _copy_of_paths(document)
    for path, method, operation in operations(changed):
        body = operation.get("requestBody")
        if method in _WITHOUT_BODY and isinstance(body, dict) and _is_empty(document, body):
            listing.add((*path, "requestBody"), body, None, _EMPTY_BODY)
            del operation["requestBody"]
    return changed


def _is_empty(document: dict[str, Any], body: dict[str, Any]) -> bool:
    found = walk.dereference(document, body)
    content = found.get("content") if isinstance(found, dict) else None
    media = content.values() if isinstance(content, dict) else ()
    return all(_says_nothing(document, each.get("schema") if isinstance(each, dict) else None) for each in media)


def _says_nothing(document: dict[str, Any], schema: Any) -> bool:
    found = walk.dereference(document, schema)
    if not isinstance(found, dict):
        return True
    rules = {
        key: value for key, value in found.items() if not walk.is_data(key) and key not in {"title", "description"}
    }
    return rules.get("type", "object") == "object" and not any(value for key, value in rules.items() if key != "type")


def read_security(document: dict[str, Any], listing: Listing) -> dict[str, Any]:
    """A copy in which an empty `security` becomes the page's key, or is removed if the page declares no key."""
    changed = _copy_of_paths(document)
    schemes = _schemes(document)
    for path, _, operation in operations(changed):
        if operation.get("security") == []:
            _replace(changed, operation, (*path, "security"), schemes or _header(document, operation), listing)
    if changed.get("security") == []:
        _replace(changed, changed, ("security",), schemes, listing)
    return changed


def _replace(
    document: dict[str, Any], owner: dict[str, Any], path: tuple[str | int, ...], scheme: str | None, listing: Listing
) -> None:
    if scheme is None:
        listing.add(path, [], None, _SAYS_NOTHING)
        del owner["security"]
        return
    owner["security"] = [{scheme: []}]
    listing.add(path, [], owner["security"], _NEEDS_KEY)
    components = document.setdefault("components", {})
    components.setdefault("securitySchemes", {}).setdefault(scheme, {"type": "http", "scheme": _BEARER})


def _schemes(document: dict[str, Any]) -> str | None:
    """The name of the scheme that the page declares."""
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    return next(iter(schemes), None) if isinstance(schemes, dict) else None


def _header(document: dict[str, Any], operation: dict[str, Any]) -> str | None:
    parameters = operation.get("parameters")
    for each in parameters if isinstance(parameters, list) else ():
        parameter = walk.dereference(document, each)
        if isinstance(parameter, dict) and str(parameter.get("name", "")).lower() == "authorization":
            return _BEARER
    return None


def _copy_of_paths(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of the document whose operations can be changed."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        return dict(document)
    items = {
        url: {key: dict(value) if isinstance(value, dict) else value for key, value in item.items()}
        if isinstance(item, dict)
        else item
        for url, item in paths.items()
    }
    changed = {**document, "paths": items}
    if isinstance(document.get("components"), dict):
        changed["components"] = dict(document["components"])
        if isinstance(document["components"].get("securitySchemes"), dict):
            changed["components"]["securitySchemes"] = dict(document["components"]["securitySchemes"])
    return changed
