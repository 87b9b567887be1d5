"""Building values that are valid for a JSON Schema, always the same value for the same schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from ...models import SUCCESS_STATUSES
from .document import Document
from .numbers import numbers
from .schemas import flatten, merge, types
from .strings import strings

ABSENT: Any = object()
_MAX_DEPTH = 40
_MAX_VALUES = 10  # of one branch
_FULL_DEPTH = 8  # deeper, only required properties are built, so that a schema that contains itself ends


class Unbuildable(Exception):
    """No valid value was found; the message says for which part of the schema."""


@frozen
class _Place:
    """Where a value is built: the name of its property, how deep, and which of several distinct items."""

    name: str = ""
    depth: int = 0
    variant: int = 0

    def member(self, name: str) -> _Place:
        return _Place(name, self.depth + 1, self.variant)

    def item(self, variant: int) -> _Place:
        return _Place(self.name, self.depth + 1, variant)


class InstanceBuilder:
    """Builds values for the schemas of one document.

    Args:
        document: Where references lead.
        fill: Whether optional properties are built, too. Otherwise only required ones and those of the preferred value.
    """

    def __init__(self, document: Document, *, fill: bool) -> None:
        self._document, self._fill = document, fill

    def build(self, schema: Any, preferred: Any = ABSENT) -> Any:
        """A value that is valid for `schema`, with as much of `preferred` as the schema allows.

        Raises Unbuildable if no valid value is found.
        """
        return self._build(schema, preferred, _Place())

    def _build(self, schema: Any, preferred: Any, place: _Place) -> Any:
        for value in self._values(schema, preferred, place):
            return value
        raise Unbuildable(f"no valid value was found for {place.name or 'the response'}")

    def _values(self, schema: Any, preferred: Any, place: _Place) -> Iterator[Any]:
        """Valid values, the best first."""
        if schema is True:
            yield {} if preferred is ABSENT else preferred
        if isinstance(schema, bool) or place.depth > _MAX_DEPTH:
            return
        flat = flatten(self._document, schema)
        yield from filter(self._document.validator(flat).is_valid, self._candidates(flat, preferred, place))

    def _candidates(self, flat: dict[str, Any], preferred: Any, place: _Place) -> Iterator[Any]:
        if "const" in flat:
            yield flat["const"]
            return
        if "enum" in flat:
            yield from _members_of_enum(flat["enum"], preferred, place.variant)
            return
        yield from self._of_branches(flat, preferred, place)
        if preferred is ABSENT and not place.variant:
            yield from _documented(flat)
        for kind in types(flat):
            yield from self._of_type(kind, flat, preferred, place)
        if not types(flat):
            yield preferred if preferred is not ABSENT else {}
            for kind in ("object", "string", "number", "array", "boolean", "null"):
                yield from self._of_type(kind, flat, preferred, place)

    def _of_branches(self, flat: dict[str, Any], preferred: Any, place: _Place) -> Iterator[Any]:
        """Values for each branch of `oneOf`, `anyOf` and `if`, together with the rest of the schema."""
        for keyword in ("oneOf", "anyOf"):
            if keyword in flat:
                rest = {name: value for name, value in flat.items() if name != keyword}
                for branch in self._ordered(flat[keyword], preferred):
                    yield from self._merged(rest, branch, preferred, place)
        if "if" in flat:
            rest = {name: value for name, value in flat.items() if name not in {"if", "then", "else"}}
            yield from self._merged(rest, {"allOf": [flat["if"], flat.get("then", True)]}, preferred, place)
            yield from self._merged(rest, flat.get("else", True), preferred, place)

    def _ordered(self, branches: list[Any], preferred: Any) -> list[Any]:
        """The branches for which the preferred value is valid come first."""
        if preferred is ABSENT:
            return branches
        return sorted(branches, key=lambda branch: not self._document.validator(branch).is_valid(preferred))

    def _merged(self, rest: dict[str, Any], branch: Any, preferred: Any, place: _Place) -> Iterator[Any]:
        if not isinstance(branch, dict):
            return
        flat = merge(self._document, rest, flatten(self._document, branch))
        values = self._values(flat, preferred, _Place(place.name, place.depth + 1, place.variant))
        try:
            yield from islice(values, _MAX_VALUES)  # the first ones can be valid for two branches of a `oneOf`
        except Unbuildable:
            return

    def _of_type(self, kind: str, flat: dict[str, Any], preferred: Any, place: _Place) -> Iterator[Any]:
        match kind:
            case "object":
                built = self._object(flat, preferred if isinstance(preferred, dict) else ABSENT, place)
                yield built
                yield from _smaller(built, flat.get("required", []))
            case "array":
                yield self._array(flat, preferred if isinstance(preferred, list) else [], place)
            case "string":
                if isinstance(preferred, (str, int)) and not isinstance(preferred, bool):
                    yield str(preferred)
                yield from strings(flat, place.name, place.variant)
            case "integer" | "number":
                yield from numbers(flat, preferred, place.variant, whole=kind == "integer")
            case "boolean":
                yield preferred if isinstance(preferred, bool) else place.variant % 2 == 0
                yield False
            case _:
                yield None

    def _object(self, flat: dict[str, Any], preferred: Any, place: _Place) -> dict[str, Any]:
        required = flat.get("required", [])
        wanted: dict[str, Any] = {} if preferred is ABSENT else preferred
        built: dict[str, Any] = {}
        for name, schema in flat.get("properties", {}).items():
            if name in required or name in wanted or (self._fill and place.depth < _FULL_DEPTH):
                self._add(built, name, schema, wanted.get(name, ABSENT), place, is_required=name in required)
        for name in required:
            if name not in built:
                self._add(built, name, _additional(flat, name), wanted.get(name, ABSENT), place, is_required=True)
        if _additional(flat, "") is not False:
            built |= {name: value for name, value in wanted.items() if name not in flat.get("properties", {})}
        for number in range(max(0, flat.get("minProperties", 0) - len(built))):
            name = self._build(flat.get("propertyNames", {"type": "string"}), ABSENT, place.item(number + 1))
            self._add(built, name, _additional(flat, name), ABSENT, place, is_required=True)
        optional = [name for name in reversed(built) if name not in required]
        for name in optional[: max(0, len(built) - flat.get("maxProperties", len(built)))]:
            del built[name]
        return built

    def _add(
        self, built: dict[str, Any], name: str, schema: Any, preferred: Any, place: _Place, *, is_required: bool
    ) -> None:
        try:
            built[name] = self._build(schema, preferred, place.member(name))
        except Unbuildable:
            if is_required:
                raise

    def _array(self, flat: dict[str, Any], preferred: list[Any], place: _Place) -> list[Any]:
        first = flat.get("prefixItems", [])
        contained = [flat["contains"]] * flat.get("minContains", 1) if "contains" in flat else []
        shortest = flat.get("minItems", 0)
        wanted = len(preferred) if not self._fill else max(1, len(preferred))
        count = max(shortest, len(contained), min(wanted, flat.get("maxItems", wanted)))
        if place.depth >= _FULL_DEPTH:
            count = max(shortest, len(contained))
        built = []
        for index in range(count):
            schema: Any = first[index] if index < len(first) else flat.get("items", True)
            if index < len(contained):
                schema = {"allOf": [schema if isinstance(schema, dict) else {}, contained[index]]}
            given = preferred[index] if index < len(preferred) else ABSENT
            variant = index if flat.get("uniqueItems") or index < len(contained) else place.variant
            try:
                built.append(self._build(schema, given, place.item(variant)))
            except Unbuildable:
                if len(built) < shortest:
                    raise
                break
        return built


def _smaller(built: dict[str, Any], required: list[str]) -> Iterator[dict[str, Any]]:
    """The object without one of its optional members, then without all: `oneOf` and `not` can exclude combinations."""
    optional = [name for name in built if name not in required]
    for left_out in optional:
        yield {name: value for name, value in built.items() if name != left_out}
    yield {name: value for name, value in built.items() if name in required}


def _documented(flat: Mapping[str, Any]) -> Iterator[Any]:
    examples = flat.get("examples")
    candidates = [flat.get("example", ABSENT), *(examples if isinstance(examples, list) else []), flat.get("default")]
    yield from (candidate for candidate in candidates if candidate is not ABSENT and candidate not in ("", None))


def _members_of_enum(enum: list[Any], preferred: Any, variant: int) -> Iterator[Any]:
    """The preferred member, or one with the same meaning; else all members, starting with a different one."""
    if any(preferred == member and type(preferred) is type(member) for member in enum):
        yield preferred
    if isinstance(preferred, str) and preferred.casefold() in SUCCESS_STATUSES:
        yield from (member for member in enum if str(member).casefold() in SUCCESS_STATUSES)
    useful = [member for member in enum if member is not None] + [member for member in enum if member is None]
    start = variant % max(1, len(useful))
    yield from (*useful[start:], *useful[:start])


def _additional(flat: Mapping[str, Any], name: str) -> Any:
    """The schema of a property that `properties` does not name."""
    for pattern, schema in flat.get("patternProperties", {}).items():
        if name and _matches(pattern, name):
            return schema
    return flat.get("additionalProperties", True)


def _matches(pattern: str, name: str) -> bool:

    return re.search(pattern, name) is not None
