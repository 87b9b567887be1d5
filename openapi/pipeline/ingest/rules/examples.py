"""Rules for examples whose type differs from the schema."""

from __future__ import annotations

from typing import Any

from ...spec import walk
from ...spec.yaml_text import Path
from .listing import Listing, map_described

_TYPES: dict[str, type | tuple[type, ...]] = {"object": dict, "array": list}
_DROPPED = "the example is not of the type that its schema says"
_QUOTED = "the schema says string, so the example becomes a string"


def read_examples(document: dict[str, Any], listing: Listing) -> dict[str, Any]:
    """A copy in which numbers are strings where strings are described, and unusable examples are dropped."""

    def change(node: dict[str, Any], path: Path) -> dict[str, Any]:
        schema = node.get("schema") if isinstance(node.get("schema"), dict) else node
        changed = dict(node)
        for key in ("example", "default") if schema is node else ("example",):
            if key not in node or node[key] is None:
                continue
            if not _fits(document, schema, node[key]):
                listing.add((*path, key), node[key], None, _DROPPED)
                del changed[key]
            else:
                changed[key] = _as_strings(document, schema, node[key], (*path, key), listing)
        if schema is not node and isinstance(node.get("examples"), dict):
            changed["examples"] = _named_examples(document, schema, node["examples"], (*path, "examples"), listing)
        return changed

    changed: dict[str, Any] = map_described(document, change)
    return changed


def _named_examples(
    document: dict[str, Any], schema: Any, examples: dict[str, Any], path: Path, listing: Listing
) -> dict[str, Any]:
    kept = {}
    for name, example in examples.items():
        value = example.get("value") if isinstance(example, dict) else None
        place = (*path, name, "value")
        if value is not None and not _fits(document, schema, value):
            listing.add(place, value, None, _DROPPED)
        elif value is not None:
            kept[name] = {**example, "value": _as_strings(document, schema, value, place, listing)}
        else:
            kept[name] = example
    return kept


def _described(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    found = walk.dereference(document, schema)
    return found if isinstance(found, dict) else {}


def _fits(document: dict[str, Any], schema: Any, value: Any) -> bool:
    """Whether an object, a list or a scalar is described, and given."""
    described = _described(document, schema)
    kind = described.get("type") or ("object" if "properties" in described else None)
    if kind in _TYPES:
        return isinstance(value, _TYPES[kind])
    return kind not in {"string", "integer", "number", "boolean"} or not isinstance(value, (dict, list))


def _as_strings(document: dict[str, Any], schema: Any, value: Any, path: Path, listing: Listing) -> Any:
    described = _described(document, schema)
    if described.get("type") == "string" and isinstance(value, (int, float)):
        text = listing.source(path, value)
        listing.add(path, value, text, _QUOTED)
        return text
    if isinstance(value, dict):
        fields = described.get("properties")
        known = fields if isinstance(fields, dict) else {}
        return {key: _as_strings(document, known.get(key), item, (*path, key), listing) for key, item in value.items()}
    if isinstance(value, list):
        items = described.get("items")
        return [_as_strings(document, items, item, (*path, number), listing) for number, item in enumerate(value)]
    return value
