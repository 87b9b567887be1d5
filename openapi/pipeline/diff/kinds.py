"""The ids of kinds of changes. They are the check ids of oasdiff (https://www.oasdiff.com) if oasdiff has one.

The other ids follow the same pattern. `ours` lists those that name something which oasdiff does not report.
"""

from __future__ import annotations

from typing import Any

REQUEST, RESPONSE, OPERATION = "request", "response", "operation"

ours = frozenset(
    {
        "api-path-changed",
        "api-method-changed",
        "server-added",
        "server-removed",
        "server-changed",
        "description-changed",
        "other-change",
    }
)
BOUNDS = {
    "minimum": "min",
    "maximum": "max",
    "exclusiveMinimum": "exclusive-min",
    "exclusiveMaximum": "exclusive-max",
    "minLength": "min-length",
    "maxLength": "max-length",
    "minItems": "min-items",
    "maxItems": "max-items",
    "minProperties": "min-properties",
    "maxProperties": "max-properties",
}
FORMS = {"pattern": "pattern", "multipleOf": "multiple-of", "uniqueItems": "unique-items"}
ALTERNATIVES = {"oneOf": "one-of", "anyOf": "any-of", "allOf": "all-of", "not": "not"}


def part_of(direction: str, where: str) -> str:
    """The first part of the id: `request-property`, `request-body`, `request-parameter`, `response-…`."""
    head, _, rest = where.partition(".")
    if direction == RESPONSE:
        return "response-property" if rest or head.endswith("[]") else "response-body"
    if head.removesuffix("[]") != "body":
        return "request-parameter"
    return "request-property" if rest or head.endswith("[]") else "request-body"


def bound_changed(keyword: str, before: Any, after: Any) -> str:
    """The end of the id for a bound: `max-length-set`, `-unset`, `-increased` or `-decreased`."""
    name = BOUNDS[keyword]
    if before is None or after is None:
        return f"{name}-set" if before is None else f"{name}-unset"
    if isinstance(before, bool) or isinstance(after, bool):
        return f"{name}-changed"
    return f"{name}-increased" if after > before else f"{name}-decreased"


def value_changed(name: str, before: Any, after: Any) -> str:
    """The end of the id for a keyword that is there or not: `pattern-added`, `-removed` or `-changed`."""
    if before is None or after is None:
        return f"{name}-added" if before is None else f"{name}-removed"
    return f"{name}-changed"


def is_tighter(kind: str) -> bool:
    """Whether a change of a bound, a form or an enum allows fewer values than before."""
    upper = ("max", "max-length", "max-items", "max-properties", "exclusive-max")
    lower = ("min", "min-length", "min-items", "min-properties", "exclusive-min")
    ends = (
        *(f"{name}-{how}" for name in upper for how in ("set", "decreased")),
        *(f"{name}-{how}" for name in lower for how in ("set", "increased")),
        *(f"{name}-added" for name in FORMS.values()),
        *("became-enum", "enum-value-removed", "became-not-nullable", "additional-properties-forbidden"),
    )
    return kind.partition("-")[2].partition("-")[2] in ends


def is_looser(kind: str) -> bool:
    """Whether a change of a bound, a form or an enum allows more values than before."""
    upper = ("max", "max-length", "max-items", "max-properties", "exclusive-max")
    lower = ("min", "min-length", "min-items", "min-properties", "exclusive-min")
    ends = (
        *(f"{name}-{how}" for name in upper for how in ("unset", "increased")),
        *(f"{name}-{how}" for name in lower for how in ("unset", "decreased")),
        *(f"{name}-removed" for name in FORMS.values()),
        *("enum-removed", "enum-value-added", "became-nullable", "additional-properties-allowed"),
    )
    return kind.partition("-")[2].partition("-")[2] in ends
