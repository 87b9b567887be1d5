"""The report for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from .advice import MISFIT_ADVICE, accept_command, describe, failing_test, keep_command
from .changes import Change
from .impact import affected
from .report import ADDED, REMOVED, OperationReport, Report, affected_by

_LONGEST_VALUE = 100  # characters


def as_lines(report: Report) -> list[str]:
    """The report, line by line."""
    return [
        *_pages(report),
        *(line for operation in report.operations for line in _operation(operation)),
        *(f"servers: {_shown(each)}; {_affects(affected(each, ''))}" for each in report.servers),
        *_misfits(report),
        *_contradictions(report),
        *_gaps(report),
        *(f"notice: {notice}" for notice in report.notices),
    ]


def _pages(report: Report) -> Iterator[str]:
    for page in report.pages:
        where = f", replaces {', '.join(page.replaced)}" if page.replaced else ""
        yield f"{page.page}: {page.kind} of {page.gateway}{where}; stored as {page.stem}"
        yield from (f"  {note}" for note in page.notes)


def _operation(operation: OperationReport) -> Iterator[str]:
    title = f"{operation.name} ({operation.place}): {operation.change}"
    if operation.change in {ADDED, REMOVED}:
        yield f"{title}; {_affects(operation.all_affected())}"
        return
    yield title
    kept = operation.kept()
    for change in (change for change in operation.changes if change not in kept):
        yield f"  {_shown(change)}; {_affects(operation.affected(change))}"
    if kept:
        count = f"{len(kept)} detail" + ("s" if len(kept) > 1 else "")
        yield f"  the page omits {count} that are known, and the contract keeps them: {', '.join(_kept(kept))}"


def _kept(changes: Iterable[Change]) -> list[str]:
    return list(dict.fromkeys(change.where for change in changes))


def _misfits(report: Report) -> Iterator[str]:
    for misfit in report.misfits:
        yield f"wrapper: {misfit}"
    if report.misfits:
        yield f"  {MISFIT_ADVICE}"


def _contradictions(report: Report) -> Iterator[str]:
    for each in report.contradictions:
        yield f"contradiction {each.name}: {describe(each)}; if the page is right: {_affects(affected_by(each))}"
        yield f"  until you decide, the contract keeps the known value, and the test {failing_test(each)} fails"
        yield f"  to keep the known value: {keep_command(each)}"
        yield f"  to accept the page: {accept_command(each)}"


def _gaps(report: Report) -> Iterator[str]:
    for each in report.closed:
        yield f"gap closed, {each.operation}: {each.gap.name}. {each.gap.when_closed}"
    for name, group in groupby(report.opened, key=lambda each: each.operation):
        yield f"gaps in the page, {name}: {', '.join(each.gap.name for each in group)}"


def _shown(change: Change) -> str:
    before, after = (_value(value) for value in (change.before, change.after))
    values = f": {before} → {after}" if before and after else f": {before or after}" if before or after else ""
    renamed = f", probably renamed to {change.renamed_to}" if change.renamed_to else ""
    return f"{change.kind}, {change.where}{values}{renamed}"


def _value(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _affects(who: Iterable[str]) -> str:
    return f"affects {', '.join(who)}" if who else "affects nobody"
