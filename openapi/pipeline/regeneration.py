"""Ingest pages: identify, store, merge, generate and report. All work is done in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from .diff import wrapper_usage
from .diff.changes import Change, Differ
from .diff.compare import compare
from .diff.gaps import View, open_gaps
from .diff.gateways import compare_gateways
from .diff.kinds import OPERATION
from .diff.report import ADDED, CHANGED, GapReport, OperationReport, Report
from .facts.decisions import DECISIONS, Choice, with_decision
from .facts.wrapper import SENDS
from .generate import assemble
from .generate.assemble import COMPANIONS, CONTRACT, NAMES
from .generate.names import NamesOverlay
from .generate.package import write_generated
from .ingest import store
from .ingest.collect import Collected
from .ingest.gateways import PRIMARY, gateway_of_stem
from .ingest.pages import Page
from .ingest.sources import read_sources, update_sources, write_sources
from .ingest.store import UNCHANGED, IngestedPage
from .spec.documents import Document, DocumentError
from .spec.operations import Place, places

CREATE = "create_custom_voice"
ROOT = Path(__file__).resolve().parents[2]


def ingest(openapi: Path, pages: Collected | list[Page], scratch: Path) -> Report:
    """Write `openapi` and `generated`, as they must be with these pages, below `scratch`; returns the report.

    Raises DocumentError when a page, or the result, cannot be used.
    """
    known = read_sources(openapi / "supplied")
    collected = pages if isinstance(pages, Collected) else Collected(list(pages), known=known)
    fresh, generated = scratch / "openapi", scratch / "generated"
    _copy(openapi, fresh)
    generated.mkdir()
    if not collected.pages:
        _record_sources(fresh / "supplied", collected, [])
        report = Report(notices=tuple(collected.notices()))
        return _checked(report, fresh, write_generated(fresh, generated), generated)
    before = assemble.named_document(openapi)
    ingested = store.store_pages(fresh / "supplied", collected.pages, assemble.load_companions(openapi))
    _record_sources(fresh / "supplied", collected, ingested)
    supplied = assemble.load_supplied_document(fresh)
    _record_moves(fresh / NAMES, before, ingested, supplied)
    supplied = assemble.load_supplied_document(fresh)
    _keep_names(fresh, before, supplied)
    after = write_generated(fresh, generated)
    report = _report((openapi, fresh), supplied, (before, after), ingested)
    notices = (*collected.notices(), *report.notices)
    return _checked(evolve(report, notices=notices), fresh, after, generated)


def decide(openapi: Path, name: str, use: Choice, reason: str, scratch: Path) -> Report:
    """The same without pages, with a decision about the contradiction of that name. Raises DocumentError."""
    named = assemble.named_document(openapi)
    found = {each.name: each for each in assemble.contradictions(openapi, named)}
    if name not in found:
        known = "; there is " + (", ".join(found) or "none")
        raise DocumentError(f"there is no contradiction {name!r}{known}")
    changed = scratch / "decided"
    _copy(openapi, changed)
    text = (changed / DECISIONS).read_text(encoding="utf-8")
    (changed / DECISIONS).write_text(with_decision(text, found[name], use, reason), encoding="utf-8")
    return ingest(changed, [], scratch)


def _copy(openapi: Path, fresh: Path) -> None:
    fresh.mkdir()
    for name in (NAMES, COMPANIONS, CONTRACT, DECISIONS):
        shutil.copyfile(openapi / name, fresh / name)
    shutil.copytree(openapi / "supplied", fresh / "supplied")


def _record_sources(supplied: Path, collected: Collected, ingested: list[IngestedPage]) -> None:
    downloaded = {page.stem: collected.sources[page.page] for page in ingested if page.page in collected.sources}
    replaced = {page.stem for page in ingested} - downloaded.keys()
    known = {stem: source for stem, source in collected.known.items() if stem not in replaced}
    write_sources(supplied, update_sources(known, downloaded, store.stored_content(supplied)))


def _checked(report: Report, openapi: Path, named: Document, generated: Path) -> Report:
    """The report with what is still to be done: decisions, and lines of the wrapper that do not fit."""
    misfits = wrapper_usage.find_misfits(ROOT / wrapper_usage.REQUESTS, generated)
    return evolve(report, contradictions=tuple(assemble.undecided(openapi, named)), misfits=tuple(misfits))


def _record_moves(overlay: Path, before: Document, ingested: list[IngestedPage], supplied: Document) -> None:
    """An operation that the wrapper uses keeps its name in its new place: the names overlay says so."""
    known = _by_key(before)
    names = NamesOverlay(overlay.read_text(encoding="utf-8"))
    moves = [item for page in ingested for item in page.origins.items() if item[0] != item[1]]
    for place, origin in moves:
        name = known.get(origin.key)
        names.record_move(origin, place, name if name in SENDS else None)
    names.prune_stale(places(supplied))
    overlay.write_text(names.text, encoding="utf-8")


def _keep_names(fresh: Path, before: Document, supplied: Document) -> None:
    """Record in the names overlay that an operation keeps its name, even if a new path has the same words."""
    known, now = _by_key(before), _by_key(assemble.named_document(fresh))
    overlay = fresh / NAMES
    names = NamesOverlay(overlay.read_text(encoding="utf-8"))
    for place in places(supplied):
        name = now.get(place.key)
        if name is not None and known.get(place.key, name) != name:
            names.record_name(place, known[place.key])
    overlay.write_text(names.text, encoding="utf-8")


def _report(
    folders: tuple[Path, Path], new: Document, named: tuple[Document, Document], ingested: list[IngestedPage]
) -> Report:
    (openapi, fresh), (before, after) = folders, named
    old = assemble.load_supplied_document(openapi)
    supplied_before, supplied_now = _supplied(old, before), _supplied(new, after)
    companions = set(_by_key(assemble.load_companions(openapi)).values())
    operations = compare(before, after, ingested, (supplied_now.keys() - supplied_before.keys()) & companions)
    servers = Differ(_of_primary(openapi), _of_primary(fresh)).servers()
    if not servers:
        operations += _without_effect(ingested, operations, supplied_now)
    gaps_before, gaps_now = _gaps(old, supplied_before), _gaps(new, supplied_now)
    return Report(
        pages=tuple(ingested),
        operations=tuple(operations),
        servers=tuple(servers),
        closed=tuple(each for each in gaps_before if each not in gaps_now and each.operation in supplied_now),
        opened=tuple(each for each in gaps_now if each not in gaps_before),
        notices=(
            *_notices(operations, supplied_before, supplied_now, after),
            *_differences(store.load_supplied(fresh / "supplied"), ingested),
        ),
    )


def _of_primary(openapi: Path) -> Document:
    """The pages of chainhub as one document: its servers are the ones that the client uses."""
    supplied = store.load_supplied(openapi / "supplied")
    return store.merge_all({stem: each for stem, each in supplied.items() if gateway_of_stem(stem) == PRIMARY})


def _by_key(named: Document) -> dict[tuple[str, str], str]:
    """Where an operation is → its name."""
    return {place.key: operation["operationId"] for place, operation in places(named).items()}


def _supplied(supplied: Document, named: Document) -> dict[str, Place]:
    """Name → place of the operations that a page describes."""
    by_key = _by_key(named)
    return {by_key[place.key]: place for place in places(supplied) if place.key in by_key}


def _gaps(supplied: Document, found: dict[str, Place]) -> list[GapReport]:
    return [
        GapReport(name, gap)
        for name, place in found.items()
        for gap in open_gaps(supplied, place, is_create=name == CREATE)
    ]


def _without_effect(
    ingested: list[IngestedPage], reported: list[OperationReport], supplied: dict[str, Place]
) -> Iterator[OperationReport]:
    """Operations of a changed page whose changes have no effect: titles, tags, comments, order."""
    names = {operation.name for operation in reported}
    keys = {place.key for page in ingested if page.kind != UNCHANGED for place in page.origins}
    for name, place in supplied.items():
        if place.key in keys and name not in names:
            only = Change("description-changed", OPERATION, "titles, tags, comments or order only")
            yield OperationReport(name, place, CHANGED, (only,))


def _missing_query(view: View, name: str) -> Iterator[str]:
    if view.place.method == "post" and "external_task_id" in view.properties and not view.has_query():
        yield (
            f"{name} creates tasks, and no page describes GET {view.place.path}/{{id}}; ingest that page, too: until "
            "then, call can neither wait for a task nor look it up after a lost response"
        )


def _differences(supplied: dict[str, Document], ingested: list[IngestedPage]) -> Iterator[str]:
    identities = {place.identity for page in ingested for place in places(supplied[page.stem])}
    for gateway, place, change in compare_gateways(supplied):
        if place.identity not in identities:
            continue
        yield f"the page of {gateway} differs from chainhub's, {place}: {change.kind}, {change.where}"


def _notices(
    operations: list[OperationReport], before: dict[str, Place], now: dict[str, Place], after: Document
) -> Iterator[str]:
    names = set(_by_key(after).values())
    for operation in operations:
        if operation.change == ADDED and operation.name not in SENDS:
            yield f"{operation.name} can be called by its name: client.call({operation.name!r}, …)"
            yield from _missing_query(View(after, operation.place), operation.name)
    for name in sorted(before.keys() - now.keys()):
        stands_in = "; openapi/companions.yaml describes it again" if name in names else ""
        yield f"no page describes {name} now{stands_in}"
