"""What a regeneration changed, in which direction, and for whom it breaks; for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from attrs import field, frozen

from ..ingest.store import IngestedPage
from ..spec.documents import Document
from ..spec.operations import Place, places
from .changes import OPERATION, REQUEST, RESPONSE, Change, Differ
from .gaps import Gap
from .impact import breaks

_SAYS_LESS = {
    *((REQUEST, kind) for kind in ("bounds loosened", "default changed", "enum widened", "required dropped")),
    (REQUEST, "security changed"),
    *((RESPONSE, kind) for kind in ("status removed", "schema emptied", "media type removed", "property removed")),
    *((RESPONSE, kind) for kind in ("bounds loosened", "enum widened", "required dropped")),
}
_LOSES = {(REQUEST, "property removed"), (REQUEST, "parameter removed"), (REQUEST, "body removed")}

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"


@frozen
class OperationReport:
    """What became of one operation."""

    name: str
    place: Place
    change: str  # added, removed, renamed or changed
    changes: tuple[Change, ...] = ()
    was_companion: bool = False

    def for_whom(self, change: Change) -> tuple[str, ...]:
        """For whom one of its changes breaks."""
        if self.was_companion and (change.direction, change.kind) in _SAYS_LESS:
            return ()  # the gateway is what it was; the page says less of it, and the contract keeps the rest
        return breaks(change, self.name)

    def breaks(self) -> list[str]:
        """For whom any of its changes breaks."""
        return list(dict.fromkeys(who for change in self.changes for who in self.for_whom(change)))

    def lost(self) -> list[str]:
        """What a companion knew and its page does not say, by place."""
        if not self.was_companion:
            return []
        return [f"{c.where} ({c.kind})" for c in self.changes if (c.direction, c.kind) in _SAYS_LESS | _LOSES]


@frozen
class GapReport:
    """A gap of the supplied documents that a page closes or opens."""

    operation: str
    gap: Gap


@frozen
class Report:
    """All of it."""

    arrivals: tuple[IngestedPage, ...] = ()
    operations: tuple[OperationReport, ...] = ()
    servers: tuple[Change, ...] = ()
    closed: tuple[GapReport, ...] = ()
    opened: tuple[GapReport, ...] = ()
    files: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=())


def compare(
    before: Document, after: Document, arrivals: list[IngestedPage], were_companions: set[str]
) -> list[OperationReport]:
    """What became of each operation between two named documents."""
    old, new = _by_name(before), _by_name(after)
    moved = _moved(before, after, arrivals)
    differ = Differ(before, after)
    found = []
    for name, (place, operation) in new.items():
        old_name = moved.get(name, name)
        if old_name not in old:
            found.append(OperationReport(name, place, ADDED, (Change("operation added", OPERATION, str(place)),)))
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
        if name not in new and name not in moved.values():
            found.append(OperationReport(name, place, REMOVED, (Change("operation removed", OPERATION, str(place)),)))
    return found


def as_json(report: Report) -> str:
    """The report as one JSON document."""
    return json.dumps(_as_dict(report), indent=2, ensure_ascii=True)


def as_lines(report: Report) -> list[str]:
    """The report for a terminal."""
    return list(_lines(report))


def _by_name(document: Document) -> dict[str, tuple[Place, dict[str, Any]]]:
    return {operation["operationId"]: (place, operation) for place, operation in places(document).items()}


def _moved(before: Document, after: Document, arrivals: list[IngestedPage]) -> dict[str, str]:
    """New name → old name of the operations that a page has under another path, and so under another name."""
    old = {place.key: operation["operationId"] for place, operation in places(before).items()}
    new = {place.key: operation["operationId"] for place, operation in places(after).items()}
    pairs = [(new.get(place.key), old.get(origin.key)) for each in arrivals for place, origin in each.origins.items()]
    return {name: old_name for name, old_name in pairs if name and old_name and name != old_name}


def _relocated(was: Place, place: Place, old_name: str, name: str) -> Iterator[Change]:
    if old_name != name:
        yield Change("operation renamed", OPERATION, "name", old_name, name)
    if was.key[0] != place.key[0]:
        yield Change("path changed", OPERATION, "path", was.path, place.path)
    if was.method != place.method:
        yield Change("method changed", OPERATION, "method", was.method.upper(), place.method.upper())


def _as_dict(report: Report) -> dict[str, Any]:
    def change(of: Change, who: tuple[str, ...]) -> dict[str, Any]:
        told = {"kind": of.kind, "direction": of.direction, "where": of.where, "before": of.before, "after": of.after}
        return {**told, "breaks": list(who)}

    def gap(of: GapReport, *, is_closed: bool) -> dict[str, str]:
        told = {"operation": of.operation, "gap": of.gap.name, "what": of.gap.what}
        return {**told, "mended_by": of.gap.mended_by, **({"delete": of.gap.when_closed} if is_closed else {})}

    return {
        "pages": [
            {"page": a.page, "is": a.kind, "stored_as": a.stem, "replaces": list(a.replaced)} for a in report.arrivals
        ],
        "operations": [
            {
                "operation": of.name,
                "method": of.place.method.upper(),
                "path": of.place.path,
                "change": of.change,
                "was_companion": of.was_companion,
                "breaks": of.breaks(),
                "changes": [change(each, of.for_whom(each)) for each in of.changes],
            }
            for of in report.operations
        ],
        "servers": [change(each, breaks(each, "")) for each in report.servers],
        "gaps": {
            "closed": [gap(each, is_closed=True) for each in report.closed],
            "opened": [gap(each, is_closed=False) for each in report.opened],
        },
        "notices": list(report.notices),
        "files": list(report.files),
    }


def _lines(report: Report) -> Iterator[str]:
    for arrival in report.arrivals:
        where = f", in place of {', '.join(arrival.replaced)}" if arrival.replaced else ""
        yield f"{arrival.page}: {arrival.kind}{where}; stored as {arrival.stem}"
    for operation in report.operations:
        before = "a companion until now, " if operation.was_companion else ""
        title = f"{operation.name} ({operation.place}): {before}{operation.change}"
        if operation.change in {ADDED, REMOVED}:
            yield f"{title}; {_for_whom(operation.breaks())}"
            continue
        yield title
        for change in operation.changes:
            yield f"  {change.direction:<9} {_shown(change)}; {_for_whom(operation.for_whom(change))}"
    for change in report.servers:
        yield f"servers: {_shown(change)}; {_for_whom(breaks(change, ''))}"
    for each in report.closed:
        yield f"gap closed, {each.operation}: {each.gap.name}. {each.gap.when_closed}"
    for name, group in groupby(report.opened, key=lambda each: each.operation):
        yield f"gaps opened, {name}: {', '.join(each.gap.name for each in group)}"
    for notice in report.notices:
        yield f"notice: {notice}"


def _shown(change: Change) -> str:
    before, after = (_value(value) for value in (change.before, change.after))
    told = f": {before} → {after}" if before and after else f": {before or after}" if before or after else ""
    return f"{change.kind}, {change.where}{told}"


def _value(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _for_whom(told: Iterable[str]) -> str:
    return f"breaks {', '.join(told)}" if told else "breaks nobody"
