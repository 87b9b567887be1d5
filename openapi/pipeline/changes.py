"""What differs between two descriptions of one operation: each change with its direction and its place.

Pure, and without judgement: for whom a change breaks is said in `effects`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Any

from attrs import frozen

from .documents import Document, resolved

REQUEST, RESPONSE, OPERATION = "request", "response", "operation"

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FORMS = ("pattern", "format", "multipleOf", "uniqueItems")
_ALTERNATIVES = ("oneOf", "anyOf", "allOf", "not")
_WORDS = ("description", "summary", "example", "examples", "externalDocs", "deprecated")
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

    def operation(self, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
        """Every change from one description of an operation to another."""
        found = [
            *self._security(before, after),
            *self._parameters(before, after),
            *self._body(before.get("requestBody"), after.get("requestBody")),
            *self._responses(before.get("responses", {}), after.get("responses", {})),
        ]
        if _spoken(before) != _spoken(after):
            found.append(Change("description changed" if found else "description only", OPERATION, "the text"))
        return found

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

    def _parameters(self, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
        old, new = _by_name(self._before, before), _by_name(self._after, after)
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
            kind = "body added" if before is None else "body removed"
            yield Change(kind, REQUEST, "body")
            return
        old, new = _at(self._before, before), _at(self._after, after)
        yield from _required_change(old.get("required"), new.get("required"), REQUEST, "body")
        yield from self._contents(old.get("content", {}), new.get("content", {}), REQUEST, "body")

    def _responses(self, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
        for status in [status for status in before if status not in after]:
            yield Change("status removed", RESPONSE, status)
        for status in [status for status in after if status not in before]:
            yield Change("status added", RESPONSE, status)
        for status in [status for status in before if status in after]:
            old, new = _at(self._before, before[status]), _at(self._after, after[status])
            yield from self._contents(old.get("content", {}), new.get("content", {}), RESPONSE, status)

    def _contents(self, before: dict[str, Any], after: dict[str, Any], direction: str, where: str) -> Iterator[Change]:
        for media_type in [media_type for media_type in before if media_type not in after]:
            yield Change("media type removed", direction, where, media_type)
        for media_type in [media_type for media_type in after if media_type not in before]:
            yield Change("media type added", direction, where, None, media_type)
        for media_type in [media_type for media_type in before if media_type in after]:
            old, new = before[media_type].get("schema", {}), after[media_type].get("schema", {})
            yield from self._schema(old, new, direction, where)

    def _schema(
        self, before: Any, after: Any, direction: str, where: str, seen: tuple[tuple[int, int], ...] = ()
    ) -> Iterator[Change]:
        old, new = _at(self._before, before), _at(self._after, after)
        if (id(old), id(new)) in seen or not isinstance(old, dict) or not isinstance(new, dict):
            return  # a schema that contains itself
        seen = (*seen, (id(old), id(new)))
        if _is_empty(old) and not _is_empty(new):
            yield Change("schema filled in", direction, where, None, sorted(_properties(self._after, new)))
            return
        if _is_empty(new) and not _is_empty(old):
            yield Change("schema emptied", direction, where, sorted(_properties(self._before, old)))
            return
        if old.get("type") != new.get("type"):
            yield Change("type changed", direction, where, old.get("type"), new.get("type"))
            return
        yield from _keywords(old, new, direction, where)
        yield from self._members(old, new, direction, where, seen)
        if "items" in old and "items" in new:
            yield from self._schema(old["items"], new["items"], direction, f"{where}[]", seen)
        for keyword in _ALTERNATIVES:
            if _bare(old.get(keyword)) != _bare(new.get(keyword)):
                yield Change("alternatives changed", direction, where, old.get(keyword), new.get(keyword))

    def _members(
        self, old: dict[str, Any], new: dict[str, Any], direction: str, where: str, seen: tuple[tuple[int, int], ...]
    ) -> Iterator[Change]:
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
            yield from self._schema(before[name], after[name], direction, f"{where}.{name}", seen)


def _keywords(old: dict[str, Any], new: dict[str, Any], direction: str, where: str) -> Iterator[Change]:
    yield from _enum(old, new, direction, where)
    for keyword in (*_LOWER, *_UPPER, *_FORMS):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            told = ({keyword: before} if before is not None else None, {keyword: after} if after is not None else None)
            yield Change(_bound(keyword, before, after), direction, where, *told)
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        yield Change("nullable" if new.get("nullable") else "not nullable", direction, where)
    before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if before != after:
        kind = "bounds tightened" if after is False else "bounds loosened" if before is False else "bounds changed"
        yield Change(kind, direction, where, {"additionalProperties": before}, {"additionalProperties": after})
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
            if _bare(before[old]) != _bare(after[new]):
                continue
            same_words = before[old].get("description") and before[old].get("description") == after[new].get(
                "description"
            )
            if same_words or SequenceMatcher(None, names[old].lower(), names[new].lower()).ratio() >= _SIMILAR:
                found[old] = new
                break
    return found


def _at(document: Document, node: Any) -> Any:
    for _ in range(20):  # references may lead to references
        if not isinstance(node, dict) or "$ref" not in node:
            return node
        node = resolved(document, node["$ref"])
    return node


def _by_name(document: Document, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Place and name → parameter; those of the path by their number, for its names mean nothing to a server."""
    found, number = {}, 0
    for parameter in (_at(document, reference) for reference in operation.get("parameters", [])):
        number += parameter["in"] == "path"
        name = number if parameter["in"] == "path" else parameter["name"]
        found[f"{parameter['in']}.{name}"] = parameter
    return found


def _security_of(document: Document, operation: dict[str, Any]) -> list[Any]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    required: list[dict[str, Any]] = operation.get("security", document.get("security")) or []
    return [[_bare(schemes.get(name, name)) for name in sorted(requirement)] for requirement in required]


def _is_empty(schema: dict[str, Any]) -> bool:
    return (
        not (_bare(schema).keys() - {"type", "properties", "x-apifox-orders"})
        and not schema.get("properties")
        and (schema.get("type", "object") == "object")
    )


def _properties(document: Document, schema: Any) -> Iterable[str]:
    found = _at(document, schema)
    return list(found.get("properties", {})) if isinstance(found, dict) else ()


def _type_of(document: Document, schema: Any) -> str:
    found = _at(document, schema)
    return str(found.get("type", "any")) if isinstance(found, dict) else "any"


def _bare(node: Any) -> Any:
    """A schema without its words and the keys of tools."""
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _bare(value) for key, value in node.items() if key not in _WORDS and not key.startswith("x-")}


def _spoken(node: Any) -> Any:
    """The opposite: every word of an operation, and nothing else."""
    if isinstance(node, list):
        return [_spoken(item) for item in node]
    if not isinstance(node, dict):
        return None
    told = {key: value for key, value in node.items() if key in _WORDS or key.startswith("x-")}
    inner = {key: _spoken(value) for key, value in node.items() if key not in told and isinstance(value, (dict, list))}
    return {**told, **{key: value for key, value in inner.items() if _says_something(value)}}


def _says_something(spoken: Any) -> bool:
    return any(_says_something(item) for item in spoken) if isinstance(spoken, list) else bool(spoken)
