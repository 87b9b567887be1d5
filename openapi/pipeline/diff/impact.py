"""Determines who is affected by a change: users of the SDK, the wrapper, the mock gateway, or nobody."""

from __future__ import annotations

from ..facts.wrapper import ALWAYS_SENT, READS, SENDS
from .changes import Change
from .kinds import OPERATION, REQUEST, RESPONSE, is_looser, is_tighter

USERS, WRAPPER, MOCK = "SDK users", "the wrapper", "the mock"

# The mock gateway validates requests against the compiled contract, so it follows most changes of requests by itself;
# its responses are its own.
_REQUEST: dict[str, tuple[str, ...]] = {
    "new-required-request-property": (USERS, WRAPPER),
    "new-required-request-parameter": (USERS, WRAPPER),
    "new-request-path-parameter": (USERS, WRAPPER),
    "request-property-became-required": (USERS, WRAPPER),
    "request-parameter-became-required": (USERS, WRAPPER),
    "request-body-became-required": (USERS,),
    "request-property-removed": (USERS, WRAPPER),
    "request-parameter-removed": (USERS, WRAPPER),
    "request-body-added-required": (USERS, WRAPPER),
    "request-body-removed": (USERS, WRAPPER, MOCK),
    "request-body-media-type-removed": (USERS, WRAPPER, MOCK),
    "request-body-media-type-schema-removed": (WRAPPER,),
    "request-body-type-changed": (USERS, WRAPPER, MOCK),
    "request-property-type-changed": (USERS, WRAPPER, MOCK),
    "request-parameter-type-changed": (USERS, WRAPPER, MOCK),
    "request-property-became-enum": (USERS, WRAPPER),
    "request-parameter-became-enum": (USERS, WRAPPER),
    "request-property-enum-removed": (WRAPPER,),
    "api-security-updated": (USERS, WRAPPER, MOCK),
    "api-security-added": (USERS, WRAPPER, MOCK),
    "api-security-removed": (),
}
_RESPONSE: dict[str, tuple[str, ...]] = {
    "response-required-property-removed": (USERS, WRAPPER, MOCK),
    "response-optional-property-removed": (USERS, WRAPPER, MOCK),
    "response-property-became-optional": (USERS, WRAPPER),
    "response-property-became-required": (MOCK,),
    "response-required-property-added": (MOCK,),
    "response-body-type-changed": (USERS, WRAPPER, MOCK),
    "response-property-type-changed": (USERS, WRAPPER, MOCK),
    "response-property-became-nullable": (USERS, WRAPPER),
    "response-body-became-nullable": (USERS, WRAPPER),
    "response-body-media-type-schema-removed": (USERS,),
    "response-media-type-removed": (USERS, WRAPPER, MOCK),
    "response-success-status-removed": (USERS, WRAPPER, MOCK),
    "response-non-success-status-removed": (MOCK,),
}
_OPERATION: dict[str, tuple[str, ...]] = {
    "api-removed-without-deprecation": (USERS, WRAPPER, MOCK),
    "api-operation-id-removed": (USERS,),
    "api-path-changed": (USERS,),  # of earlier releases, which use the old path
    "api-method-changed": (USERS, MOCK),
    "server-changed": (USERS, WRAPPER),
    "server-removed": (USERS, WRAPPER),
    "other-change": (USERS,),  # the change has not been classified
}
_TABLES = {REQUEST: _REQUEST, RESPONSE: _RESPONSE, OPERATION: _OPERATION}
# Changes that concern wrapper and mock only where they use the field.
_OF_A_FIELD = (
    *("-property-removed", "-type-changed", "-became-optional", "-became-nullable", "-became-enum", "-enum-removed"),
)
_ALTERNATIVES = ("-one-of-", "-any-of-", "-all-of-", "-not-", "-additional-properties-changed", "-pattern-changed")


def affected(change: Change, operation: str) -> tuple[str, ...]:
    """Who is affected by a change of an operation; empty if nobody is."""
    who = _TABLES[change.direction].get(change.kind)
    if who is None:
        who = _affected_by_bounds(change)
    if change.kind.endswith("-type-changed") and str(change.after or change.before).startswith("format "):
        who = (USERS,)
    return tuple(each for each in who if each == USERS or _concerns(change, operation))


def _affected_by_bounds(change: Change) -> tuple[str, ...]:
    """Users who send a value that is no longer allowed, or read one that was not allowed before."""
    is_request = change.direction == REQUEST
    if is_tighter(change.kind):
        return (USERS,) if is_request else (MOCK,)
    if is_looser(change.kind):
        return () if is_request else (USERS,)
    if any(part in change.kind for part in _ALTERNATIVES):
        return (USERS,) if is_request else (USERS, WRAPPER, MOCK)
    return ()


def _concerns(change: Change, operation: str) -> bool:
    """Whether the change concerns wrapper and mock: they use only some operations, and only some of their fields."""
    if change.direction == OPERATION:
        return operation in SENDS or change.where == "servers"
    if operation not in SENDS or change.where.startswith("path."):
        return operation in SENDS
    uses = SENDS[operation] if change.direction == REQUEST else READS
    name = change.where.rpartition(".")[2].removesuffix("[]")
    if change.kind in {"request-property-became-required", "request-parameter-became-required"}:
        return name in uses - ALWAYS_SENT
    if change.kind == "request-parameter-removed":
        return str(change.before) in uses
    return not change.kind.endswith(_OF_A_FIELD) or name in uses or "." not in change.where
