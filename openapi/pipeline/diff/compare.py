"""Compare two documents: which operations were added, removed, moved or changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..ingest.store import IngestedPage
from ..spec.documents import Document
from ..spec.operations import Place, places
from .changes import Change, Differ
from .kinds import OPERATION
from .report import ADDED, CHANGED, REMOVED, RENAMED, OperationReport


def compare(
    before: Document, after: Document, pages: Iterable[IngestedPage], were_companions: Collection[str]
) -> list[OperationReport]:
    """The changes of each operation between two named documents."""
    old, new = _by_name(before), _by_name(after)
    renamed = _renamed(before, after, pages)
    differ = Differ(before, after)
    found = []
    for name, (place, operation) in new.items():
        old_name = renamed.get(name, name)
        if old_name not in old:
            found.append(OperationReport(name, place, ADDED, (Change("endpoint-added", OPERATION, str(place)),)))
            continue
        was, described = old[old_name]
        changes = [
            *_relocated(was, place, old_name, name),
            *differ.operation(described, operation, (was.path, place.path)),
        ]
        if changes:
            change = RENAMED if old_name != name else CHANGED
            found.append(OperationReport(name, place, change, tuple(changes), name in were_companions))
    for name, (place, _) in old.items():
        if name not in new and name not in renamed.values():
            removed = Change("api-removed-without-deprecation", OPERATION, str(place))
            found.append(OperationReport(name, place, REMOVED, (removed,)))
    return found


def _by_name(document: Document) -> dict[str, tuple[Place, dict[str, Any]]]:
    return {operation["operationId"]: (place, operation) for place, operation in places(document).items()}


def _renamed(before: Document, after: Document, pages: Iterable[IngestedPage]) -> dict[str, str]:
    """New name → old name of the operations that have another path, and therefore another name."""
    old = {place.key: operation["operationId"] for place, operation in places(before).items()}
    new = {place.key: operation["operationId"] for place, operation in places(after).items()}
    pairs = [(new.get(place.key), old.get(origin.key)) for page in pages for place, origin in page.origins.items()]
    return {name: old_name for name, old_name in pairs if name and old_name and name != old_name}


def _relocated(was: Place, place: Place, old_name: str, name: str) -> Iterator[Change]:
    if old_name != name:
        yield Change("api-operation-id-removed", OPERATION, "name", old_name, name)
    if was.key[0] != place.key[0]:
        yield Change("api-path-changed", OPERATION, "path", was.path, place.path)
    if was.method != place.method:
        yield Change("api-method-changed", OPERATION, "method", was.method.upper(), place.method.upper())
