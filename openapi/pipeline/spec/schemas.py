"""Schemas and operations reduced to their meaning: no annotations, keys of tools, or limits without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .walk import children, references

if TYPE_CHECKING:
    from .documents import Document

SAYS_NOTHING = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
_EMPTY = ("headers", "links", "callbacks", "parameters")  # have no meaning if they are empty
_ANNOTATIONS = ("description", "summary", "example", "examples", "externalDocs", "deprecated")


def strip_annotations(node: Any, *, of_names: bool = False) -> Any:
    """A copy without annotations, keys of tools, and bounds that have no effect."""
    if isinstance(node, list):
        return [strip_annotations(item) for item in node]
    if not isinstance(node, dict):
        return node
    if of_names:
        return {key: strip_annotations(value) for key, value in node.items()}
    inner = {
        key: strip_annotations(value, of_names=names)
        for key, value, names in children(node)
        if key not in _ANNOTATIONS and not (key in SAYS_NOTHING and value == SAYS_NOTHING[key])
        if key not in _EMPTY or value
    }
    data = {key: node[key] for key in ("default", "enum", "const") if key in node}
    return {**inner, **data}


def extract_annotations(node: Any, *, of_names: bool = False) -> Any:
    """Only the annotations and the keys of tools: the opposite of `strip_annotations`."""
    if isinstance(node, list):
        return [extract_annotations(item) for item in node]
    if not isinstance(node, dict):
        return None
    own = {} if of_names else {key: node[key] for key in node if key in _ANNOTATIONS or key.startswith("x-")}
    inner = {
        key: extract_annotations(value, of_names=names)
        for key, value, names in children(node, of_names=of_names)
        if key not in own
    }
    return {**own, **{key: value for key, value in inner.items() if _has_annotations(value)}}


def schema_type(schema: dict[str, Any]) -> Any:
    """The type of a schema, stated or inferred from its keywords; None if neither is possible."""
    return schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else None)


def is_empty_schema(schema: dict[str, Any]) -> bool:
    """Whether the schema states nothing, or only that the value is an object."""
    says_more = strip_annotations(schema).keys() - {"type", "properties"} or schema.get("properties")
    return not says_more and schema.get("type", "object") == "object"


def changed_components(before: Document, after: Document) -> set[str]:
    """The references to components whose meaning has changed, also through the components that they refer to."""
    old, new = before.get("components", {}), after.get("components", {})
    members = {f"#/components/{kind}/{name}": part for kind, parts_ in new.items() for name, part in parts_.items()}
    was = {f"#/components/{kind}/{name}": part for kind, parts_ in old.items() for name, part in parts_.items()}
    changed = {
        target
        for target, part in members.items()
        if target not in was or strip_annotations(was[target]) != strip_annotations(part)
    }
    needs = {target: {each for _, each in references(part)} for target, part in members.items()}
    while more := {target for target, targets in needs.items() if targets & changed} - changed:
        changed |= more
    return changed


def _has_annotations(extracted: Any) -> bool:
    return any(_has_annotations(each) for each in extracted) if isinstance(extracted, list) else bool(extracted)
