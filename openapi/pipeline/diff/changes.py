"""What differs between two descriptions of one operation: each change with its direction and its place.

Pure, and without judgement: for whom a change breaks is said in `effects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Any

from attrs import frozen

from ..spec.documents import Document
from ..spec.operations import path_parameters
from ..spec.schemas import (
    SAYS_NOTHING,
    changed_components,
    extract_annotations,
    is_empty_schema,
    schema_type,
    strip_annotations,
)
from ..spec.walk import dereference, references

REQUEST, RESPONSE, OPERATION = "request", "response", "operation"

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FORMS = ("pattern", "format", "multipleOf", "uniqueItems")
_ALTERNATIVES = ("oneOf", "anyOf", "allOf", "not")
_SIMILAR = 0.6  # of two names, by difflib: callback_url and callbackUrl are, callback_url and speed are not


@frozen
class Change:
    """One difference."""

    kind: str  # such as "property added"
    direction: str  # request, response, or operation where it is about both
    where: str  # such as `body.voice_name` or `200.data.task_id`
    before: Any = None
    after: Any = None


class Differ:
    """Compares operations of two documents, with what they refer to."""

    def __init__(self, before: Document, after: Document) -> None:
        self._before, self._after = before, after
        self._changed = changed_components(before, after)
        self._seen: set[tuple[str, int, int]] = set()

    def operation(self, before: dict[str, Any], after: dict[str, Any], paths: tuple[str, str]) -> list[Change]:
        """Every change from one description of an operation to another; `paths` are its path before and after.

        What the parts below do not tell apart is not hidden: it is a change of another kind, of which one must look.
        """
        self._seen = set()  # a component that is used twice is compared once: in a graph of them there are many ways
        found = [
            *self._security(before, after),
            *self._parameters(before, after, paths),
            *self._body(before.get("requestBody"), after.get("requestBody")),
            *self._responses(before.get("responses", {}), after.get("responses", {})),
        ]
        if not found and not self._is_same(before, after):
            found.append(Change("changed otherwise", OPERATION, "compare the pages"))
        if extract_annotations(before) != extract_annotations(after):
            found.append(Change("description changed" if found else "description only", OPERATION, "the text"))
        return found

    def _is_same(self, before: Any, after: Any) -> bool:
        """Whether two descriptions mean the same, with all that they refer to."""
        return strip_annotations(before) == strip_annotations(after) and not self._changed & {
            target for _, target in references(after)
        }

    def servers(self) -> list[Change]:
        """The servers that came and went."""
        before, after = ([s["url"].rstrip("/") for s in d.get("servers", [])] for d in (self._before, self._after))
        gone, new = [url for url in before if url not in after], [url for url in after if url not in before]
        if gone and not after:
            return [Change("servers not named any more", OPERATION, "servers", gone)]
        if gone and new:
            return [Change("server changed", OPERATION, "servers", gone, new)]
        return [Change("server removed", OPERATION, "servers", url) for url in gone] + [
            Change("server added", OPERATION, "servers", None, url) for url in new
        ]

    def _security(self, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
        old, new = _security_of(self._before, before), _security_of(self._after, after)
        if old != new:
            yield Change("security changed", REQUEST, "security", old, new)

    def _parameters(self, before: dict[str, Any], after: dict[str, Any], paths: tuple[str, str]) -> Iterator[Change]:
        old, new = _by_name(self._before, before, paths[0]), _by_name(self._after, after, paths[1])
        names = {where: parameter["name"] for where, parameter in (*old.items(), *new.items())}
        renamed = _renamed(
            {k: old[k].get("schema", {}) for k in old}, {k: new[k].get("schema", {}) for k in new}, names
        )
        for place, where in renamed.items():
            yield Change("parameter renamed", REQUEST, place, old[place]["name"], new[where]["name"])
        for where in [where for where in old if where not in new and where not in renamed]:
            yield Change("parameter removed", REQUEST, where, old[where]["name"])
        for where in [where for where in new if where not in old and where not in renamed.values()]:
            kind = "required parameter added" if new[where].get("required") else "parameter added"
            yield Change(kind, REQUEST, where, None, new[where]["name"])
        for where in [where for where in old if where in new]:
            yield from _required_change(old[where].get("required"), new[where].get("required"), REQUEST, where)
            yield from self._schema(old[where].get("schema", {}), new[where].get("schema", {}), REQUEST, where)

    def _body(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[Change]:
        if before is None and after is None:
            return
        if before is None or after is None:
            if before is None:
                is_required = bool(dereference(self._after, after).get("required"))
                yield Change("required body added" if is_required else "body added", REQUEST, "body")
            else:
                yield Change("body removed", REQUEST, "body")
            return
        old, new = dereference(self._before, before), dereference(self._after, after)
        yield from _required_change(old.get("required"), new.get("required"), REQUEST, "body")
        yield from self._contents(old.get("content", {}), new.get("content", {}), REQUEST, "body")

    def _responses(self, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
        for status in [status for status in before if status not in after]:
            yield Change("status removed", RESPONSE, status)
        for status in [status for status in after if status not in before]:
            yield Change("status added", RESPONSE, status)
        for status in [status for status in before if status in after]:
            old, new = dereference(self._before, before[status]), dereference(self._after, after[status])
            yield from self._contents(old.get("content", {}), new.get("content", {}), RESPONSE, status)

    def _contents(self, before: dict[str, Any], after: dict[str, Any], direction: str, where: str) -> Iterator[Change]:
        for media_type in [media_type for media_type in before if media_type not in after]:
            yield Change("media type removed", direction, where, media_type)
        for media_type in [media_type for media_type in after if media_type not in before]:
            yield Change("media type added", direction, where, None, media_type)
        for media_type in [media_type for media_type in before if media_type in after]:
            old, new = before[media_type].get("schema", {}), after[media_type].get("schema", {})
            yield from self._schema(old, new, direction, where)

    def _schema(self, before: Any, after: Any, direction: str, where: str) -> Iterator[Change]:
        old, new = dereference(self._before, before), dereference(self._after, after)
        if not isinstance(old, dict) or not isinstance(new, dict) or (direction, id(old), id(new)) in self._seen:
            return
        self._seen.add((direction, id(old), id(new)))
        if is_empty_schema(old) and not is_empty_schema(new):
            yield Change("schema filled in", direction, where, None, sorted(_properties(self._after, new)))
            for name in new.get("required", ()) if direction == REQUEST else ():
                yield Change("required property added", direction, f"{where}.{name}")
            return
        if is_empty_schema(new) and not is_empty_schema(old):
            yield Change("schema emptied", direction, where, sorted(_properties(self._before, old)))
            return
        if schema_type(old) != schema_type(new):
            yield Change("type changed", direction, where, schema_type(old), schema_type(new))
            return
        yield from _keywords(old, new, direction, where)
        yield from self._members(old, new, direction, where)
        if "items" in old and "items" in new:
            yield from self._schema(old["items"], new["items"], direction, f"{where}[]")
        for keyword in _ALTERNATIVES:
            if not self._is_same(old.get(keyword), new.get(keyword)):
                yield Change("alternatives changed", direction, where, old.get(keyword), new.get(keyword))
        others = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if not self._is_same(*others):
            kind = (
                "bounds tightened"
                if others[1] is False
                else "bounds loosened"
                if others[0] is False
                else "bounds changed"
            )
            yield Change(kind, direction, where, *({"additionalProperties": each} for each in others))

    def _members(self, old: dict[str, Any], new: dict[str, Any], direction: str, where: str) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        renamed = _renamed(before, after, {name: name for name in (*before, *after)})
        for name, new_name in renamed.items():
            yield Change("property renamed", direction, f"{where}.{name}", name, new_name)
        for name in [name for name in before if name not in after and name not in renamed]:
            yield Change("property removed", direction, f"{where}.{name}", _type_of(self._before, before[name]))
        for name in [name for name in after if name not in before and name not in renamed.values()]:
            kind = "required property added" if name in is_required else "property added"
            yield Change(kind, direction, f"{where}.{name}", None, _type_of(self._after, after[name]))
        for name in [name for name in before if name in after]:
            yield from _required_change(name in was_required, name in is_required, direction, f"{where}.{name}")
            yield from self._schema(before[name], after[name], direction, f"{where}.{name}")


def _keywords(old: dict[str, Any], new: dict[str, Any], direction: str, where: str) -> Iterator[Change]:
    yield from _enum(old, new, direction, where)
    for keyword in (*_LOWER, *_UPPER, *_FORMS):
        before, after = old.get(keyword), new.get(keyword)
        if before != after and {before, after} != {None, SAYS_NOTHING.get(keyword)}:
            told = ({keyword: before} if before is not None else None, {keyword: after} if after is not None else None)
            yield Change(_bound(keyword, before, after), direction, where, *told)
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        yield Change("nullable" if new.get("nullable") else "not nullable", direction, where)
    if old.get("default") != new.get("default"):
        yield Change("default changed", direction, where, old.get("default"), new.get("default"))


def _enum(old: dict[str, Any], new: dict[str, Any], direction: str, where: str) -> Iterator[Change]:
    before, after = old.get("enum"), new.get("enum")
    if before == after:
        return
    if before is None or after is None:
        yield Change("enum narrowed" if before is None else "enum widened", direction, where, before, after)
        return
    lost, gained = [v for v in before if v not in after], [v for v in after if v not in before]
    if gained:
        yield Change("enum widened", direction, where, before, after)
    if lost:
        yield Change("enum narrowed", direction, where, before, after)


def _bound(keyword: str, before: Any, after: Any) -> str:
    if before is None or after is None:
        return "bounds tightened" if before is None else "bounds loosened"
    if keyword in _FORMS or isinstance(before, bool) or isinstance(after, bool):
        return "bounds changed"
    is_tighter = after > before if keyword in _LOWER else after < before
    return "bounds tightened" if is_tighter else "bounds loosened"


def _required_change(before: Any, after: Any, direction: str, where: str) -> Iterator[Change]:
    if bool(before) != bool(after):
        yield Change("required added" if after else "required dropped", direction, where)


def _renamed(before: dict[str, Any], after: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """What went and came with the same schema, and the same words or a similar name."""
    found: dict[str, str] = {}
    for old in [key for key in before if key not in after]:
        for new in [key for key in after if key not in before and key not in found.values()]:
            if strip_annotations(before[old]) != strip_annotations(after[new]):
                continue
            same_words = before[old].get("description") and before[old].get("description") == after[new].get(
                "description"
            )
            if same_words or SequenceMatcher(None, names[old].lower(), names[new].lower()).ratio() >= _SIMILAR:
                found[old] = new
                break
    return found


def _by_name(document: Document, operation: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """Place and name → parameter; those of the path by their number in it, for its names mean nothing to a server."""
    in_path = path_parameters(path)
    found = {}
    for parameter in (dereference(document, reference) for reference in operation.get("parameters", [])):
        name = parameter["name"]
        if parameter["in"] == "path" and name in in_path:
            name = str(in_path.index(name) + 1)
        found[f"{parameter['in']}.{name}"] = parameter
    return found


def _security_of(document: Document, operation: dict[str, Any]) -> list[Any]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    required: list[dict[str, Any]] = operation.get("security", document.get("security")) or []
    return [[strip_annotations(schemes.get(name, name)) for name in sorted(requirement)] for requirement in required]


def _properties(document: Document, schema: Any) -> Iterable[str]:
    found = dereference(document, schema)
    return list(found.get("properties", {})) if isinstance(found, dict) else ()


def _type_of(document: Document, schema: Any) -> str:
    found = dereference(document, schema)
    return str(found.get("type", "any")) if isinstance(found, dict) else "any"
