"""Several documents into one.

Who comes first keeps its names; a component of the same name and another content is renamed with all that refers to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from .documents import DATA_KEYS, Document

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation of a document as (path, method, operation)."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def shape(path: str) -> str:
    """A path whose parameters have lost their names, for these differ between documents of one operation."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def merge(first: Document, second: Document, name: str) -> Document:
    """`first` with the operations, components and servers of `second` added; where both have one, the first wins.

    Args:
        first: The document that keeps all its names.
        second: The one that is added.
        name: Of the second, in a few words; a component that must be renamed is called by it.
    """
    merged, added = deepcopy(first), _renamed(first, deepcopy(second), name)
    present = {(shape(path), method) for path, method, _ in operations(merged)}
    for path, method, operation in operations(added):
        if (shape(path), method) not in present:
            merged.setdefault("paths", {}).setdefault(path, {})[method] = operation
    components = merged.setdefault("components", {})
    for kind, members in added.get("components", {}).items():
        present_here = components.setdefault(kind, {})
        for component, member in members.items():
            present_here.setdefault(component, member)
    known = {server["url"].rstrip("/") for server in merged.get("servers", [])}
    servers = [server for server in added.get("servers", []) if server["url"].rstrip("/") not in known]
    if servers:
        merged["servers"] = [*merged.get("servers", []), *servers]
    for key in ("openapi", "info", "security"):
        if key in added:
            merged.setdefault(key, added[key])
    return merged


def _renamed(first: Document, second: Document, name: str) -> Document:
    """`second` with its own names for the components that `first` has under the same name, with another content."""
    theirs, ours = first.get("components", {}), second.get("components", {})
    clashes = {
        (kind, component)
        for kind, members in ours.items()
        for component, member in members.items()
        if component in theirs.get(kind, {}) and theirs[kind][component] != member
    }
    suffix = "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", name))
    new_names: dict[tuple[str, str], str] = {}
    for kind, component in sorted(clashes):
        taken = theirs[kind].keys() | ours[kind].keys()
        candidate, number = f"{component}Of{suffix}", 2
        while candidate in taken:
            candidate, number = f"{component}Of{suffix}{number}", number + 1
        new_names[kind, component] = candidate
        ours[kind][candidate] = ours[kind].pop(component)
    if new_names:
        _refer_anew(second, new_names)
    return second


def _refer_anew(node: Any, new_names: dict[tuple[str, str], str]) -> None:
    if isinstance(node, list):
        for item in node:
            _refer_anew(item, new_names)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = _new_reference(node["$ref"], new_names)
        for requirement in node.get("security", []) if isinstance(node.get("security"), list) else []:
            for (kind, component), new_name in new_names.items():
                if kind == "securitySchemes" and component in requirement:
                    requirement[new_name] = requirement.pop(component)
        for key, value in node.items():
            if key not in DATA_KEYS:
                _refer_anew(value, new_names)


def _new_reference(target: str, new_names: dict[tuple[str, str], str]) -> str:
    _, _, kind, component, *rest = [*target.split("/"), "", "", ""][: max(4, target.count("/") + 1)]
    found = new_names.get((kind, component))
    return "/".join(["#", "components", kind, found, *rest]) if found else target
