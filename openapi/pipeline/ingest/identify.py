"""Match the operations of a page with known operations, even if path or method has changed."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ..spec.documents import Document
from ..spec.operations import Place, places, shape


def match_operations(known: Document, page: Document, present: Collection[tuple[str, str]]) -> dict[Place, Place]:
    """For each operation of `page` that `known` has, where it was: in the same place, or it has moved.

    A moved operation is recognised by the number that the documentation tool gave it, else by its operationId, by its
    path without version and vendor prefix, or by its summary and body fields where path or method is the same.
    An operation that is still described in its old place, by this page or by another that is ingested with it, has not
    moved; `present` has the keys of those.
    """
    before, after = places(known), places(page)
    found: dict[Place, Place] = {}
    for place in after:
        same = [old for old in before if old.key == place.key]
        if same:
            found[place] = same[0]
    for place, operation in after.items():
        if place not in found:
            free = [old for old in before if old not in found.values() and old.key not in present]
            moved = [old for old in free if _is_same(old, before[old], place, operation)]
            if len(moved) == 1:
                found[place] = moved[0]
    return found


def _is_same(old: Place, before: dict[str, Any], new: Place, after: dict[str, Any]) -> bool:
    numbers = _number(before), _number(after)
    if all(numbers):
        return numbers[0] == numbers[1]
    if before.get("operationId") and before.get("operationId") == after.get("operationId"):
        return True
    if old.identity == new.identity:
        return True
    stayed = old.method == new.method or shape(old.path) == shape(new.path)
    fields = _fields(before)
    return stayed and bool(fields) and fields == _fields(after) and before.get("summary") == after.get("summary")


def _number(operation: dict[str, Any]) -> str | None:
    """The number of the operation in the documentation tool of the gateways."""
    found = re.search(r"/apis/api-(\d+)", str(operation.get("x-run-in-apifox", "")))
    return found[1] if found else None


def _fields(operation: dict[str, Any]) -> frozenset[str]:
    for media in operation.get("requestBody", {}).get("content", {}).values():
        return frozenset(media.get("schema", {}).get("properties", ()))
    return frozenset()
