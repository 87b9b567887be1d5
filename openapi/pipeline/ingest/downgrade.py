"""Convert an OpenAPI 3.1 page to 3.0, the version of the other documents, because a merged document has one version.

A keyword that 3.0 does not have is refused with its place, because nobody would notice a rule that is dropped.
"""

from __future__ import annotations

from typing import Any

from ..spec.documents import Document, DocumentError
from ..spec.walk import children

VERSION = "3.0.3"
_NOT_IN_3_0 = frozenset(
    {
        *("if", "then", "else", "prefixItems", "contains", "patternProperties", "propertyNames", "unevaluatedItems"),
        *("unevaluatedProperties", "dependentSchemas", "dependentRequired", "$defs", "$dynamicRef", "webhooks"),
    }
)


def downgrade(document: Document, name: str) -> Document:
    """The document itself if it is not OpenAPI 3.1, else a copy of it as 3.0. Raises DocumentError."""
    if not str(document.get("openapi", "")).startswith("3.1."):
        return document
    lowered: Document = _lowered(document, name, "")
    lowered["openapi"] = VERSION
    lowered.pop("jsonSchemaDialect", None)
    lowered.get("info", {}).pop("summary", None)
    lowered.setdefault("paths", {})
    return lowered


def _lowered(node: Any, name: str, place: str, *, of_names: bool = False) -> Any:
    """`of_names`: the node's keys are names of properties and the like, and no keywords."""
    if isinstance(node, list):
        return [_lowered(item, name, f"{place}/{number}") for number, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if not of_names:
        node = _in_words_of_3_0(node, name, place)
    lowered = dict(node)
    for key, value, names in children(node, of_names=of_names):
        lowered[key] = _lowered(value, name, f"{place}/{key}", of_names=names)
    return lowered


def _in_words_of_3_0(node: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    unknown = sorted(_NOT_IN_3_0 & node.keys())
    if unknown:
        where = place.lstrip("/") or "the top"
        raise DocumentError(
            f"{name}: {where} uses {unknown[0]!r} of OpenAPI 3.1, which OpenAPI 3.0 does not have; export the "
            "page as 3.0"
        )
    node = _one_type(dict(node))
    if "const" in node:
        node["enum"] = [node.pop("const")]
    if isinstance(node.get("examples"), list):
        examples = node.pop("examples")
        if examples:
            node["example"] = examples[0]
    return _beside_reference(_exclusive_bounds(node))


def _exclusive_bounds(node: dict[str, Any]) -> dict[str, Any]:
    for exclusive, bound, tighter in (("exclusiveMinimum", "minimum", max), ("exclusiveMaximum", "maximum", min)):
        limit = node.get(exclusive)
        if isinstance(limit, bool) or not isinstance(limit, (int, float)):
            continue
        other = node.get(bound, limit)
        node[bound] = tighter(limit, other)
        node[exclusive] = node[bound] == limit
    return node


def _beside_reference(node: dict[str, Any]) -> dict[str, Any]:
    """Keywords beside a reference apply in 3.1, and are ignored in 3.0."""
    others = {key: value for key, value in node.items() if key not in {"$ref", "summary", "description"}}
    if "$ref" not in node or not others:
        return node
    return {"allOf": [{"$ref": node["$ref"]}, others]}


def _one_type(node: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(node.get("type"), list):
        return node
    kinds = node.pop("type")
    types = [kind for kind in kinds if kind != "null"]
    if "null" in kinds:
        node["nullable"] = True
    if len(types) == 1:
        node["type"] = types[0]
    elif types:
        node["allOf"] = [*node.get("allOf", []), {"anyOf": [{"type": kind} for kind in types]}]
    return node
