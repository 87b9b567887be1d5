"""Take pages in: recognise, store, merge, generate and report, in a scratch folder; nothing else is touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from .diff.changes import OPERATION, Change, Differ
from .diff.gaps import open_gaps
from .diff.impact import SENDS
from .diff.report import ADDED, CHANGED, GapReport, OperationReport, Report, compare
from .generate import assemble, names
from .generate.assemble import COMPANIONS, CONTRACT, NAMES
from .ingest import store
from .ingest.pages import Page
from .ingest.store import UNCHANGED, IngestedPage
from .spec.documents import Document
from .spec.operations import Place, places

CREATE = "create_custom_voice"


def ingest(openapi: Path, pages: list[Page], scratch: Path) -> Report:
    """Write `openapi` and `generated`, as they must be with these pages, below `scratch`; gives what has changed.

    Raises DocumentError when a page, or what comes of it, cannot be used.
    """
    fresh, generated = scratch / "openapi", scratch / "generated"
    _copy(openapi, fresh)
    generated.mkdir()
    if not pages:
        assemble.write_generated(fresh, generated)
        return Report()
    before = assemble.named_document(openapi)
    arrivals = store.store_pages(fresh / "supplied", pages, assemble.load_companions(openapi))
    supplied = assemble.load_supplied_document(fresh)
    _record_moves(fresh / NAMES, before, arrivals, supplied)
    _keep_names(fresh, before, supplied)
    after = assemble.write_generated(fresh, generated)
    return _report(openapi, supplied, (before, after), arrivals)


def _copy(openapi: Path, fresh: Path) -> None:
    fresh.mkdir()
    for name in (NAMES, COMPANIONS, CONTRACT):
        shutil.copyfile(openapi / name, fresh / name)
    shutil.copytree(openapi / "supplied", fresh / "supplied")


def _record_moves(overlay: Path, before: Document, arrivals: list[IngestedPage], supplied: Document) -> None:
    """An operation that the wrapper uses keeps its name in its new place: the names overlay says so."""
    known = _by_key(before)
    text = overlay.read_text(encoding="utf-8")
    moves = [item for arrival in arrivals for item in arrival.origins.items() if item[0] != item[1]]
    for place, origin in moves:
        name = known.get(origin.key)
        text = names.record_move(text, origin, place, name if name in SENDS else None)
    overlay.write_text(names.prune_stale(text, places(supplied)), encoding="utf-8")


def _keep_names(fresh: Path, before: Document, supplied: Document) -> None:
    """An operation that stays where it is keeps its name, whatever else is named like it: the names overlay says so."""
    known, now = _by_key(before), _by_key(assemble.named_document(fresh))
    overlay = fresh / NAMES
    text = overlay.read_text(encoding="utf-8")
    for place in places(supplied):
        if known.get(place.key, now[place.key]) != now[place.key]:
            text = names.record_name(text, place, known[place.key])
    overlay.write_text(text, encoding="utf-8")


def _report(openapi: Path, new: Document, named: tuple[Document, Document], arrivals: list[IngestedPage]) -> Report:
    before, after = named
    old = assemble.load_supplied_document(openapi)
    supplied_before, supplied_now = _supplied(old, before), _supplied(new, after)
    were_companions = (supplied_now.keys() - supplied_before.keys()) & _names(assemble.load_companions(openapi))
    operations = compare(before, after, arrivals, were_companions)
    servers = Differ(old, new).servers()
    if not servers:
        operations += _said_otherwise(arrivals, operations, supplied_now)
    gaps_before, gaps_now = _gaps(old, supplied_before), _gaps(new, supplied_now)
    return Report(
        arrivals=tuple(arrivals),
        operations=tuple(operations),
        servers=tuple(servers),
        closed=tuple(each for each in gaps_before if each not in gaps_now and each.operation in supplied_now),
        opened=tuple(each for each in gaps_now if each not in gaps_before),
        notices=tuple(_notices(operations, supplied_before, supplied_now, after)),
    )


def _by_key(named: Document) -> dict[tuple[str, str], str]:
    """Where an operation is → what it is called."""
    return {place.key: operation["operationId"] for place, operation in places(named).items()}


def _names(document: Document) -> set[str]:
    return set(_by_key(document).values())


def _supplied(supplied: Document, named: Document) -> dict[str, Place]:
    """Name → place of the operations that a page describes."""
    by_key = _by_key(named)
    return {by_key[place.key]: place for place in places(supplied)}


def _gaps(supplied: Document, found: dict[str, Place]) -> list[GapReport]:
    return [
        GapReport(name, gap)
        for name, place in found.items()
        for gap in open_gaps(supplied, place, is_create=name == CREATE)
    ]


def _said_otherwise(
    arrivals: list[IngestedPage], told: list[OperationReport], supplied: dict[str, Place]
) -> Iterator[OperationReport]:
    """Operations of a changed page that differ only in what means nothing: titles, tags, comments, order."""
    names_told = {operation.name for operation in told}
    keys = {place.key for arrival in arrivals if arrival.kind != UNCHANGED for place in arrival.origins}
    for name, place in supplied.items():
        if place.key in keys and name not in names_told:
            only = Change("description only", OPERATION, "what means nothing: titles, tags, comments, order")
            yield OperationReport(name, place, CHANGED, (only,))


def _notices(
    operations: list[OperationReport], before: dict[str, Place], now: dict[str, Place], after: Document
) -> Iterator[str]:
    for operation in operations:
        if operation.lost():
            lost = ", ".join(operation.lost())
            yield (
                f"{operation.name} was a companion, and knew what its page does not say: {lost}. What the page "
                "leaves out whole, the contract keeps; the client is made from the page."
            )
        if operation.change == ADDED and operation.name not in SENDS:
            yield f"{operation.name} can be called by its name; the mock gateway does not serve it, so no test is of it"
    for name in sorted(before.keys() - now.keys()):
        stands_in = "; its companion stands in for it again" if name in _names(after) else ""
        yield f"{name} is in no page any more{stands_in}"
