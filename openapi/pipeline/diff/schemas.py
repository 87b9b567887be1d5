"""The differences between two schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ..spec.documents import Document
from ..spec.schemas import SAYS_NOTHING, is_empty_schema, schema_type
from ..spec.walk import dereference
from .kinds import ALTERNATIVES, BOUNDS, FORMS, REQUEST, bound_changed, part_of, value_changed
from .renames import find_renames


class SchemaChange(NamedTuple):
    """The fields of a `Change`."""

    kind: str
    direction: str
    where: str
    before: Any = None
    after: Any = None
    renamed_to: str | None = None


class SchemaDiffer:
    """Compares schemas of two documents; a component that is used several times is compared once."""

    def __init__(self, before: Document, after: Document, is_same: Callable[[Any, Any], bool]) -> None:
        self._before, self._after, self._is_same = before, after, is_same
        self._seen: set[tuple[str, int, int]] = set()

    def schema(self, before: Any, after: Any, direction: str, where: str) -> Iterator[SchemaChange]:
        """Every change from one schema to another at a place."""
        old, new = dereference(self._before, before), dereference(self._after, after)
        if not isinstance(old, dict) or not isinstance(new, dict) or (direction, id(old), id(new)) in self._seen:
            return
        self._seen.add((direction, id(old), id(new)))
        part = part_of(direction, where)
        if is_empty_schema(old) != is_empty_schema(new):
            yield from self._stated(old, new, direction, where)
            return
        kinds = schema_type(old), schema_type(new)
        if kinds[0] != kinds[1]:
            yield SchemaChange(f"{part}-type-changed", direction, where, *kinds)
            return
        for kind, *values in _keywords(old, new):
            yield SchemaChange(f"{part}-{kind}", direction, where, *values)
        yield from self._members(old, new, direction, where)
        if "items" in old and "items" in new:
            yield from self.schema(old["items"], new["items"], direction, f"{where}[]")
        yield from self._alternatives(old, new, direction, where)

    def _stated(self, old: dict[str, Any], new: dict[str, Any], direction: str, where: str) -> Iterator[SchemaChange]:
        """The change of a schema that had no content before, or has none now."""
        part = part_of(direction, where)
        if is_empty_schema(new):
            yield SchemaChange(
                f"{part}-media-type-schema-removed", direction, where, sorted(_properties(self._before, old))
            )
            return
        names = sorted(_properties(self._after, new))
        yield SchemaChange(f"{part}-media-type-schema-added", direction, where, None, names)
        for name in new.get("required", ()) if direction == REQUEST else ():
            yield SchemaChange("new-required-request-property", direction, f"{where}.{name}")

    def _members(self, old: dict[str, Any], new: dict[str, Any], direction: str, where: str) -> Iterator[SchemaChange]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        renamed = find_renames(before, after, {name: name for name in (*before, *after)})
        for name in [name for name in before if name not in after]:
            need = "required" if name in was_required else "optional"
            kind = "request-property-removed" if direction == REQUEST else f"response-{need}-property-removed"
            schema = _type_of(self._before, before[name])
            yield SchemaChange(kind, direction, f"{where}.{name}", schema, None, renamed.get(name))
        for name in [name for name in after if name not in before]:
            need = "required" if name in is_required else "optional"
            kind = f"new-{need}-request-property" if direction == REQUEST else f"response-{need}-property-added"
            yield SchemaChange(kind, direction, f"{where}.{name}", None, _type_of(self._after, after[name]))
        for name in [name for name in before if name in after]:
            if (name in was_required) != (name in is_required):
                need = "required" if name in is_required else "optional"
                yield SchemaChange(f"{direction}-property-became-{need}", direction, f"{where}.{name}")
            yield from self.schema(before[name], after[name], direction, f"{where}.{name}")

    def _alternatives(
        self, old: dict[str, Any], new: dict[str, Any], direction: str, where: str
    ) -> Iterator[SchemaChange]:
        part = part_of(direction, where)
        for keyword, name in ALTERNATIVES.items():
            if not self._is_same(old.get(keyword), new.get(keyword)):
                values = old.get(keyword), new.get(keyword)
                yield SchemaChange(f"{part}-{value_changed(name, *values)}", direction, where, *values)
        others = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if not self._is_same(*others):
            how = "forbidden" if others[1] is False else "allowed" if others[0] is False else "changed"
            shown: list[Any] = [{"additionalProperties": each} for each in others]
            yield SchemaChange(f"{part}-additional-properties-{how}", direction, where, *shown)


def _keywords(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield from _enum(old, new)
    for keyword in (*BOUNDS, *FORMS, "format"):
        before, after = old.get(keyword), new.get(keyword)
        if before == after or {before, after} == {None, SAYS_NOTHING.get(keyword)}:
            continue
        if keyword in BOUNDS:
            yield bound_changed(keyword, before, after), before, after
        elif keyword == "format":  # oasdiff reports formats as types
            yield "type-changed", before and f"format {before}", after and f"format {after}"
        else:
            yield value_changed(FORMS[keyword], before, after), before, after
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        yield ("became-nullable" if new.get("nullable") else "became-not-nullable",)
    if old.get("default") != new.get("default"):
        values = old.get("default"), new.get("default")
        yield value_changed("default-value", *values), *values


def _enum(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    before, after = old.get("enum"), new.get("enum")
    if before == after:
        return
    if before is None or after is None:
        yield "became-enum" if before is None else "enum-removed", before, after
        return
    if [value for value in after if value not in before]:
        yield "enum-value-added", before, after
    if [value for value in before if value not in after]:
        yield "enum-value-removed", before, after


def _properties(document: Document, schema: Any) -> Iterable[str]:
    found = dereference(document, schema)
    return list(found.get("properties", {})) if isinstance(found, dict) else ()


def _type_of(document: Document, schema: Any) -> str:
    found = dereference(document, schema)
    return str(found.get("type", "any")) if isinstance(found, dict) else "any"
