"""What a description means, apart from how it is put: without words, keys of tools, and bounds that bound nothing."""

from __future__ import annotations

from typing import Any

from .documents import Document
from .walk import children, references

SAYS_NOTHING = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
_EMPTY = ("headers", "links", "callbacks", "parameters")  # have no meaning if they are empty
_WORDS = ("description", "summary", "example", "examples", "externalDocs", "deprecated")


def strip_annotations(node: Any, *, of_names: bool = False) -> Any:
    """A description without its words and the keys of tools."""
    if isinstance(node, list):
        return [strip_annotations(item) for item in node]
    if not isinstance(node, dict):
        return node
    if of_names:
        return {key: strip_annotations(value) for key, value in node.items()}
    inner = {
        key: strip_annotations(value, of_names=names)
        for key, value, names in children(node)
        if key not in _WORDS and not (key in SAYS_NOTHING and value == SAYS_NOTHING[key])
        if key not in _EMPTY or value
    }
    data = {key: node[key] for key in ("default", "enum", "const") if key in node}
    return {**inner, **data}


def extract_annotations(node: Any, *, of_names: bool = False) -> Any:
    """The opposite: every word of an operation, and nothing else."""
    if isinstance(node, list):
        return [extract_annotations(item) for item in node]
    if not isinstance(node, dict):
        return None
    told = {} if of_names else {key: value for key, value in node.items() if key in _WORDS or key.startswith("x-")}
    inner = {
        key: extract_annotations(value, of_names=names)
        for key, value, names in children(node, of_names=of_names)
        if key not in told
    }
    return {**told, **{key: value for key, value in inner.items() if _says_something(value)}}


def schema_type(schema: dict[str, Any]) -> Any:
    """A schema's type, told or to be seen from what it describes."""
    told = schema.get("type")
    return told or ("object" if "properties" in schema else "array" if "items" in schema else None)


def is_empty_schema(schema: dict[str, Any]) -> bool:
    """Whether it says no more than that there is an object, or not even that."""
    says_more = strip_annotations(schema).keys() - {"type", "properties"} or schema.get("properties")
    return not says_more and schema.get("type", "object") == "object"


def changed_components(before: Document, after: Document) -> set[str]:
    """The references to components that mean something else now, if only by what they refer to themselves."""
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


def _says_something(spoken: Any) -> bool:
    return any(_says_something(item) for item in spoken) if isinstance(spoken, list) else bool(spoken)
