"""Several documents into one: the supplied ones and, where none of them has an operation, our companions."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from .documents import Document

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation of a document as (path, method, operation)."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def merge(supplied: Document, companions: Document) -> Document:
    """`supplied` with the companions' operations and components added; what was supplied wins."""
    merged = deepcopy(supplied)
    for path, method, operation in operations(companions):
        merged["paths"].setdefault(path, {}).setdefault(method, deepcopy(operation))
    components = merged.setdefault("components", {})
    for kind, members in companions.get("components", {}).items():
        present = components.setdefault(kind, {})
        for name, member in members.items():
            present.setdefault(name, deepcopy(member))
    return merged
