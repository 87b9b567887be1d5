"""Combine the schemas of known operations with those of a page. A page can add to a schema, but not weaken it."""

from __future__ import annotations

from typing import Any

from ..spec.documents import Document
from ..spec.schemas import is_empty_schema
from ..spec.walk import copy_json, dereference

_MAX_DEPTH = 12


def combine(known: Any, page: Any, known_document: Document, page_document: Document, depth: int = 0) -> Any:
    """The known schema, with the properties and the descriptions that only the page has.

    The known schema itself, references included, where the page adds nothing.
    """
    ours, theirs = dereference(known_document, known), dereference(page_document, page)
    if not isinstance(theirs, dict) or not isinstance(ours, dict) or is_empty_schema(theirs) or depth > _MAX_DEPTH:
        return copy_json(known)
    if is_empty_schema(ours) and not ours.get("description"):
        return copy_json(page)
    combined = dict(ours)
    members, described = ours.get("properties", {}), theirs.get("properties", {})
    if "properties" in ours:
        inner = {name: _member(members, described, name, known_document, page_document, depth) for name in members}
        added = {name: copy_json(described[name]) for name in described if name not in members}
        combined["properties"] = {**inner, **added}
    if "items" in ours and "items" in theirs:
        combined["items"] = combine(ours["items"], theirs["items"], known_document, page_document, depth + 1)
    if "description" not in ours and theirs.get("description"):
        combined["description"] = theirs["description"]
    return copy_json(known) if combined == ours else copy_json(combined)


def _member(  # noqa: PLR0917 - both members, by name, with their documents
    ours: dict[str, Any],
    theirs: dict[str, Any],
    name: str,
    known_document: Document,
    page_document: Document,
    depth: int,
) -> Any:
    if name not in theirs:
        return ours[name]
    return combine(ours[name], theirs[name], known_document, page_document, depth + 1)


def replace_keyword(schema: Any, steps: list[str], keyword: str, value: Any, document: Document) -> Any:
    """A copy of the schema in which `keyword` is `value` at a place; None removes it.

    Args:
        schema: A schema, or a reference to one.
        steps: The names of properties on the way; `[]` stands for the items of an array.
        keyword: The keyword to replace.
        value: Its new value.
        document: The document that references are looked up in; what is referred to on the way is copied.
    """
    copied = copy_json(dereference(document, schema))
    if not isinstance(copied, dict):
        return schema
    if not steps:
        copied.pop(keyword, None)
        return copied if value is None else {**copied, keyword: value}
    step, rest = steps[0], steps[1:]
    if step == "[]":
        copied["items"] = replace_keyword(copied.get("items", {}), rest, keyword, value, document)
    else:
        members = copied.setdefault("properties", {})
        members[step] = replace_keyword(members.get(step, {}), rest, keyword, value, document)
    return copied
