"""Rule for the type null, which OpenAPI 3.0 does not have: `type: 'null'` and lists of types become `nullable`."""

from __future__ import annotations

from typing import Any

from ...spec.yaml_text import Path
from .listing import Listing, map_described

_NULL = "null"
_REASON = "OpenAPI 3.0 has no type null; the value may be null"


def read_null_types(document: dict[str, Any], listing: Listing) -> dict[str, Any]:
    """A copy in which null is expressed by `nullable`. Only for OpenAPI 3.0; 3.1 is lowered as a whole."""

    def change(node: dict[str, Any], path: Path) -> dict[str, Any]:
        changed = _without_null_branches(_without_null_type(node))
        for key in ("type", "oneOf", "anyOf"):
            if key in node and node[key] != changed.get(key):
                shown = {
                    each: changed[each] for each in ("type", "nullable", "allOf", "oneOf", "anyOf") if each in changed
                }
                listing.add((*path, key), {key: node[key]}, shown, _REASON)
        return changed

    changed: dict[str, Any] = map_described(document, change)
    return changed


def _without_null_type(node: dict[str, Any]) -> dict[str, Any]:
    kinds = node.get("type")
    if kinds != _NULL and not isinstance(kinds, list):
        return node
    types = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind not in {_NULL, None}]
    changed: dict[str, Any] = {}
    for key, value in node.items():
        if key != "type":
            changed[key] = value
        elif len(types) == 1:
            changed["type"] = types[0]
    if len(types) > 1:
        changed["allOf"] = [*node.get("allOf", []), {"anyOf": [{"type": kind} for kind in types]}]
    if not isinstance(kinds, list) or len(types) < len(kinds):
        changed["nullable"] = True
    return changed


def _without_null_branches(node: dict[str, Any]) -> dict[str, Any]:
    for key in ("oneOf", "anyOf"):
        branches = node.get(key)
        if not isinstance(branches, list) or not any(_is_null(branch) for branch in branches):
            continue
        rest = [branch for branch in branches if not _is_null(branch)]
        changed = {name: value for name, value in node.items() if name != key}
        if len(rest) == 1 and "$ref" not in rest[0] and not rest[0].keys() & changed.keys():
            changed.update(rest[0])
        elif len(rest) == 1:
            changed["allOf"] = [*changed.get("allOf", []), rest[0]]
        elif rest:
            changed[key] = rest
        node = {**changed, "nullable": True}
    return node


def _is_null(branch: Any) -> bool:
    return (isinstance(branch, dict) and branch.get("type") in {_NULL, (_NULL,)}) or branch == {"enum": [None]}
