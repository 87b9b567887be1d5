"""OpenAPI Overlay 1.0: apply a list of actions to a document.

JSONPath is RFC 9535, as the specification asks. Stricter than it in one point: an action that matches nothing is an
error, for an overlay that silently stops applying takes its rules with it.
"""

from __future__ import annotations

from typing import Any

from jsonpath_rfc9535 import JSONPathError, find
from jsonpath_rfc9535.node import JSONPathNode

from .documents import Document, DocumentError
from .walk import copy_json

ABSENT = "x-kling-absent"  # marks an action about an operation that no document describes at present


def apply(document: Document, overlay: Document, name: str) -> Document:
    """A copy of `document` with every action of `overlay` applied, in order.

    Raises DocumentError if it is not an Overlay 1.0 document, or if the target of an action matches nothing.
    """
    if not str(overlay.get("overlay", "")).startswith("1.0."):
        raise DocumentError(f"{name}: `overlay` is {overlay.get('overlay')!r}; only Overlay 1.0 is supported")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise DocumentError(f"{name}: an overlay needs at least one action")
    result = copy_json(document)
    for number, action in enumerate(actions, 1):
        if isinstance(action, dict) and action.get(ABSENT):
            continue
        _act(result, action, f"{name}: action {number}")
    return result


def _act(document: Document, action: Any, place: str) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise DocumentError(f"{place}: an action needs a `target`")
    target = action["target"].strip()
    removes, updates = action.get("remove", False) is True, "update" in action
    if removes == updates:
        raise DocumentError(f"{place} ({target}): an action needs either `update` or `remove: true`")
    try:
        nodes = find(target, document)
    except JSONPathError as error:
        raise DocumentError(f"{place}: {target!r} is not RFC 9535 JSONPath: {error.args[0]}") from error
    if not nodes:
        raise DocumentError(f"{place}: the target {target!r} matches nothing; check whether it was renamed")
    if removes:
        # Backwards, because removing an item of an array moves the items after it.
        for node in reversed(nodes):
            _remove(document, node, place)
    else:
        for node in nodes:
            _update(node.value, action["update"], f"{place} ({target})")


def _remove(document: Document, node: JSONPathNode, place: str) -> None:
    if not node.location:
        raise DocumentError(f"{place}: the whole document cannot be removed")
    parent: Any = document
    for step in node.location[:-1]:
        parent = parent[step]
    del parent[node.location[-1]]


def _update(target: Any, update: Any, place: str) -> None:
    if isinstance(target, list):
        target.append(copy_json(update))
    elif isinstance(target, dict) and isinstance(update, dict):
        _merge(target, update)
    else:
        raise DocumentError(f"{place}: only an object or an array can be updated, and an object only by an object")


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        present = target.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            present.extend(copy_json(value))
        else:
            target[key] = copy_json(value)
