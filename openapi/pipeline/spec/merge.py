"""Merge documents.

The first document keeps its names. A component of the same name and another content is renamed, with all references.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from .documents import Document
from .naming import unique_name
from .operations import operations, shape
from .walk import children, copy_json


def merge(first: Document, second: Document, name: str) -> Document:
    """`first` with the operations, components and servers of `second` added; where both have one, the first wins.

    Args:
        first: The document that keeps all its names.
        second: The one that is added.
        name: The name of the second; components that must be renamed are named after it.
    """
    merged, added = copy_json(first), _renamed(first, copy_json(second), name)
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
    """`second` with other names for the components that `first` has under the same name, with another content.

    Names that differ only in case and punctuation count as equal, because they become class names.
    """
    theirs, ours = first.get("components", {}), second.get("components", {})
    suffix = "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", name))
    new_names: dict[tuple[str, str], str] = {}
    for kind, members in ours.items():
        present = {_plain(component): component for component in theirs.get(kind, {})}
        for component in sorted(members):
            same = present.get(_plain(component))
            if same is None or (same == component and theirs[kind][same] == members[component]):
                continue
            taken = {_plain(other) for other in (*theirs[kind], *members, *new_names.values())}
            new_names[kind, component] = unique_name(f"{component}Of{suffix}", partial(_is_among, taken))
    for (kind, component), new_name in new_names.items():
        ours[kind][new_name] = ours[kind].pop(component)
    if new_names:
        _refer_anew(second, new_names)
    return second


def _is_among(plain: set[str], component: str) -> bool:
    return _plain(component) in plain


def _plain(component: str) -> str:
    return re.sub(r"[^a-z0-9]", "", component.lower())


def _refer_anew(node: Any, new_names: dict[tuple[str, str], str], *, of_names: bool = False) -> None:
    if isinstance(node, list):
        for item in node:
            _refer_anew(item, new_names)
    elif isinstance(node, dict):
        if not of_names:
            if isinstance(node.get("$ref"), str):
                node["$ref"] = _new_reference(node["$ref"], new_names)
            _require_anew(node.get("security"), new_names)
        for key, value, names in children(node, of_names=of_names):
            if key == "mapping" and not of_names and isinstance(value, dict):  # of a discriminator
                node[key] = {kind: _new_reference(str(target), new_names) for kind, target in value.items()}
            else:
                _refer_anew(value, new_names, of_names=names)


def _require_anew(security: Any, new_names: dict[tuple[str, str], str]) -> None:
    for requirement in security if isinstance(security, list) else ():
        for (kind, component), new_name in new_names.items():
            if kind == "securitySchemes" and component in requirement:
                requirement[new_name] = requirement.pop(component)


def _new_reference(target: str, new_names: dict[tuple[str, str], str]) -> str:
    steps = target.split("/")
    if steps[:2] != ["#", "components"] or len(steps) < 4:
        return target
    found = new_names.get((steps[2], steps[3]))
    return "/".join([*steps[:3], found, *steps[4:]]) if found else target
