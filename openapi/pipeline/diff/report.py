"""The report of a regeneration: what changed, and who is affected."""

from __future__ import annotations

from attrs import frozen

from ..facts.contradictions import Contradiction
from ..facts.wrapper import READS, SENDS
from ..ingest.store import IngestedPage
from ..spec.operations import Place
from .changes import Change
from .gaps import Gap
from .impact import MOCK, USERS, WRAPPER, affected
from .kinds import REQUEST, RESPONSE, is_looser
from .wrapper_usage import Misfit

ADDED, REMOVED, RENAMED, CHANGED = "added", "removed", "renamed", "changed"
# Changes that affect nobody if the page only omits a known fact, because the contract keeps it.
_SAYS_LESS = {
    *((REQUEST, f"request-{part}-became-optional") for part in ("property", "parameter", "body")),
    *((REQUEST, f"api-security-{how}") for how in ("removed", "updated")),
    *((RESPONSE, f"response-{part}-status-removed") for part in ("success", "non-success")),
    *((RESPONSE, f"response-{need}-property-removed") for need in ("required", "optional")),
    *((RESPONSE, kind) for kind in ("response-body-media-type-schema-removed", "response-media-type-removed")),
    (RESPONSE, "response-property-became-optional"),
}


@frozen
class OperationReport:
    """The changes of one operation."""

    name: str
    place: Place
    change: str  # added, removed, renamed or changed
    changes: tuple[Change, ...] = ()
    was_companion: bool = False

    def says_less(self, change: Change) -> bool:
        """Whether the page only omits a known fact, which the contract keeps."""
        is_default = change.kind.endswith(("default-value-removed", "default-value-changed"))
        known = (change.direction, change.kind) in _SAYS_LESS or is_looser(change.kind) or is_default
        return self.was_companion and known

    def affected(self, change: Change) -> tuple[str, ...]:
        """Who is affected by one of its changes."""
        return () if self.says_less(change) else affected(change, self.name)

    def all_affected(self) -> list[str]:
        """Who is affected by any of its changes."""
        return list(dict.fromkeys(who for change in self.changes for who in self.affected(change)))

    def kept(self) -> list[Change]:
        """The changes that only omit known facts."""
        return [change for change in self.changes if self.says_less(change)]


@frozen
class GapReport:
    """A gap of the supplied documents that a page closes or opens."""

    operation: str
    gap: Gap


@frozen
class Report:
    """The complete report."""

    pages: tuple[IngestedPage, ...] = ()
    operations: tuple[OperationReport, ...] = ()
    servers: tuple[Change, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    closed: tuple[GapReport, ...] = ()
    opened: tuple[GapReport, ...] = ()
    files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def affected_by(contradiction: Contradiction) -> tuple[str, ...]:
    """Who is affected if the page is right."""
    field = next((step for step in reversed(contradiction.steps) if step != "[]"), "")
    if contradiction.direction == RESPONSE:
        reads = field in READS or len(contradiction.steps) == 1
        return (USERS, WRAPPER, MOCK) if reads else (USERS, MOCK)
    sends = field in SENDS.get(contradiction.operation, ()) or field in {"body", "authorization"}
    is_new = contradiction.keyword == "required"
    return (USERS, WRAPPER) if sends or is_new else (USERS,)
