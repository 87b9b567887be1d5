"""The report as one JSON document."""

from __future__ import annotations

import json
from typing import Any

from ..facts.contradictions import Contradiction
from .advice import accept_command, failing_test, keep_command
from .changes import Change
from .impact import affected
from .report import GapReport, OperationReport, Report, affected_by


def as_json(report: Report) -> str:
    """The report as JSON text, in ASCII."""
    return json.dumps(_report(report), indent=2, ensure_ascii=True)


def _report(report: Report) -> dict[str, Any]:
    return {
        "pages": [
            {
                "page": page.page,
                "kind": page.kind,
                "gateway": page.gateway,
                "stored_as": page.stem,
                "replaces": list(page.replaced),
                "notes": list(page.notes),
            }
            for page in report.pages
        ],
        "operations": [_operation(each) for each in report.operations],
        "servers": [_change(each, affected(each, "")) for each in report.servers],
        "wrapper": [{"line": each.line, "problem": each.problem} for each in report.misfits],
        "contradictions": [_contradiction(each) for each in report.contradictions],
        "gaps": {
            "closed": [{**_gap(each), "advice": each.gap.when_closed} for each in report.closed],
            "opened": [_gap(each) for each in report.opened],
        },
        "notices": list(report.notices),
        "files": list(report.files),
    }


def _operation(of: OperationReport) -> dict[str, Any]:
    return {
        "operation": of.name,
        "method": of.place.method.upper(),
        "path": of.place.path,
        "change": of.change,
        "affects": of.all_affected(),
        "changes": [{**_change(each, of.affected(each)), "kept": of.says_less(each)} for each in of.changes],
    }


def _change(of: Change, who: tuple[str, ...]) -> dict[str, Any]:
    where = {"kind": of.kind, "direction": of.direction, "where": of.where}
    return {**where, "before": of.before, "after": of.after, "renamed_to": of.renamed_to, "affects": list(who)}


def _contradiction(of: Contradiction) -> dict[str, Any]:
    return {
        "name": of.name,
        "page": of.page,
        "known": of.known,
        "affects": list(affected_by(of)),
        "failing_test": failing_test(of),
        "keep": keep_command(of),
        "accept": accept_command(of),
    }


def _gap(of: GapReport) -> dict[str, str]:
    return {"operation": of.operation, "gap": of.gap.name, "what": of.gap.what, "covered_by": of.gap.covered_by}
