"""Flattening schemas: references, `allOf` and sibling keywords become one schema."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .document import Document

_MAX_DEPTH = 30  # of references inside `allOf`, which can be circular
_MAX_BRANCHES = 30  # of two combined `oneOf`
_COMBINED = {"minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max, "minProperties": max}
_COMBINED |= {"maximum": min, "exclusiveMaximum": min, "maxLength": min, "maxItems": min, "maxProperties": min}


def flatten(document: Document, schema: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """A schema without `$ref` and `allOf` at its top level, with the same meaning as far as keywords can be merged."""
    flat = {keyword: value for keyword, value in schema.items() if keyword not in {"$ref", "allOf"}}
    if depth > _MAX_DEPTH:
        return flat
    parts = [document.lookup(schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
    for part in (*parts, *schema.get("allOf", ())):
        if isinstance(part, dict):
            flat = merge(document, flat, flatten(document, part, depth + 1))
    return flat


def merge(document: Document, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that demands what both flat schemas demand."""
    merged = dict(first)
    for keyword, value in second.items():
        merged[keyword] = _merge_keyword(document, keyword, merged[keyword], value) if keyword in merged else value
    return merged


def _merge_keyword(document: Document, keyword: str, first: Any, second: Any) -> Any:
    """What both values of a keyword demand together.

    Of two patterns, for example, the first one guides the construction of a value. The value is validated against the
    whole schema afterwards.
    """
    merged = first
    if keyword in _COMBINED:
        merged = _COMBINED[keyword](first, second)
    elif keyword in {"properties", "patternProperties"}:
        merged = _merge_members(document, first, second)
    elif keyword == "required":
        merged = list(dict.fromkeys([*first, *second]))
    elif keyword == "enum":
        merged = [item for item in first if item in second]
    elif keyword == "type":
        merged = _common_types(first, second)
    elif keyword == "multipleOf" and isinstance(first, int) and isinstance(second, int):
        merged = math.lcm(first, second)
    elif keyword in {"oneOf", "anyOf"}:
        merged = [{"allOf": [one, other]} for one in first for other in second][:_MAX_BRANCHES]
    elif isinstance(first, dict) and isinstance(second, dict) and keyword in {"items", "additionalProperties"}:
        merged = merge(document, flatten(document, first), flatten(document, second))
    return False if second is False else merged


def _merge_members(document: Document, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    members = dict(first)
    for name, member in second.items():
        known = members.get(name)
        if isinstance(known, dict) and isinstance(member, dict):
            members[name] = merge(document, flatten(document, known), flatten(document, member))
        elif known is not False:
            members[name] = member
    return members


def types(schema: Mapping[str, Any]) -> list[str]:
    """The JSON types that a flat schema allows, the most useful first; empty if any type is allowed."""
    declared = schema.get("type")
    if declared is not None:
        listed = [declared] if isinstance(declared, str) else list(declared)
        return [*(kind for kind in listed if kind != "null"), *(kind for kind in listed if kind == "null")]
    for kind, keywords in _KEYWORDS.items():
        if not keywords.isdisjoint(schema):
            return [kind]
    return []


_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"},
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}


def _common_types(first: Any, second: Any) -> list[str]:
    mine, other = types({"type": first}), types({"type": second})
    common = [kind for kind in mine if kind in other]
    if "integer" not in common and {"integer", "number"} <= {*mine, *other}:
        common.append("integer")
    return common
