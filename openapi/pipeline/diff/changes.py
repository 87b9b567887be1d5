"""The differences between two descriptions of one operation, each with its kind and location."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from ..spec.documents import Document
from ..spec.operations import path_parameters
from ..spec.schemas import changed_components, extract_annotations, strip_annotations
from ..spec.walk import dereference, references
from .kinds import OPERATION, REQUEST, RESPONSE
from .renames import find_renames
from .schemas import SchemaDiffer


@frozen
class Change:
    """One difference.

    Attributes:
        kind: What changed, by the ids that oasdiff uses, such as `request-property-removed`.
        direction: `request`, `response`, or `operation` where it concerns both.
        where: The place, such as `body.voice_name` or `200.data.task_id`.
        before: The earlier value; None where there was none.
        after: The later value; None where there is none.
        renamed_to: The new name, where a removed property or parameter was probably renamed.
    """

    kind: str
    direction: str
    where: str
    before: Any = None
    after: Any = None
    renamed_to: str | None = None


class Differ:
    """Compares operations of two documents, with what they refer to."""

    def __init__(self, before: Document, after: Document) -> None:
        self._before, self._after = before, after
        self._changed = changed_components(before, after)

    def operation(self, before: dict[str, Any], after: dict[str, Any], paths: tuple[str, str]) -> list[Change]:
        """Every change from one description of an operation to another; `paths` are its path before and after.

        A difference that no part below recognises is reported as `other-change`.
        """
        schemas = SchemaDiffer(self._before, self._after, self._is_same)
        found = [
            *self._security(before, after),
            *self._parameters(schemas, before, after, paths),
            *self._body(schemas, before.get("requestBody"), after.get("requestBody")),
            *self._responses(schemas, before.get("responses", {}), after.get("responses", {})),
        ]
        if not found and not self._is_same(before, after):
            found.append(Change("other-change", OPERATION, "compare the pages"))
        if extract_annotations(before) != extract_annotations(after):
            found.append(Change("description-changed", OPERATION, "the text"))
        return found

    def _is_same(self, before: Any, after: Any) -> bool:
        """Whether two descriptions have the same meaning, with all that they refer to."""
        if strip_annotations(before) != strip_annotations(after):
            return False
        return not self._changed & {target for _, target in references(after)}

    def servers(self) -> list[Change]:
        """The servers that appeared and disappeared; none where the later document names no server."""
        before, after = ([s["url"].rstrip("/") for s in d.get("servers", [])] for d in (self._before, self._after))
        removed, added = [url for url in before if url not in after], [url for url in after if url not in before]
        if not after:
            return []
        if removed and added:
            return [Change("server-changed", OPERATION, "servers", removed, added)]
        return [Change("server-removed", OPERATION, "servers", url) for url in removed] + [
            Change("server-added", OPERATION, "servers", None, url) for url in added
        ]

    def _security(self, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
        old, new = _security_of(self._before, before), _security_of(self._after, after)
        if old != new:
            kind = "api-security-updated" if old and new else "api-security-added" if new else "api-security-removed"
            yield Change(kind, REQUEST, "security", old, new)

    def _parameters(
        self, schemas: SchemaDiffer, before: dict[str, Any], after: dict[str, Any], paths: tuple[str, str]
    ) -> Iterator[Change]:
        old, new = _by_name(self._before, before, paths[0]), _by_name(self._after, after, paths[1])
        names = {where: parameter["name"] for where, parameter in (*old.items(), *new.items())}
        renamed = find_renames(
            {k: old[k].get("schema", {}) for k in old}, {k: new[k].get("schema", {}) for k in new}, names
        )
        for where in [where for where in old if where not in new]:
            new_name = new[renamed[where]]["name"] if where in renamed else None
            yield Change("request-parameter-removed", REQUEST, where, old[where]["name"], None, new_name)
        for where in [where for where in new if where not in old]:
            need = "required" if new[where].get("required") else "optional"
            kind = "new-request-path-parameter" if where.startswith("path.") else f"new-{need}-request-parameter"
            yield Change(kind, REQUEST, where, None, new[where]["name"])
        for where in [where for where in old if where in new]:
            was, is_now = bool(old[where].get("required")), bool(new[where].get("required"))
            if was != is_now:
                yield Change(f"request-parameter-became-{'required' if is_now else 'optional'}", REQUEST, where)
            for each in schemas.schema(old[where].get("schema", {}), new[where].get("schema", {}), REQUEST, where):
                yield Change(*each)

    def _body(
        self, schemas: SchemaDiffer, before: dict[str, Any] | None, after: dict[str, Any] | None
    ) -> Iterator[Change]:
        if before is None or after is None:
            if after is not None:
                need = "required" if dereference(self._after, after).get("required") else "optional"
                yield Change(f"request-body-added-{need}", REQUEST, "body")
            elif before is not None:
                yield Change("request-body-removed", REQUEST, "body")
            return
        old, new = dereference(self._before, before), dereference(self._after, after)
        if bool(old.get("required")) != bool(new.get("required")):
            yield Change(f"request-body-became-{'required' if new.get('required') else 'optional'}", REQUEST, "body")
        yield from self._contents(schemas, old.get("content", {}), new.get("content", {}), (REQUEST, "body"))

    def _responses(self, schemas: SchemaDiffer, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
        for status in [status for status in before if status not in after]:
            yield Change(f"response-{_success(status)}-status-removed", RESPONSE, status)
        for status in [status for status in after if status not in before]:
            yield Change(f"response-{_success(status)}-status-added", RESPONSE, status)
        for status in [status for status in before if status in after]:
            old, new = dereference(self._before, before[status]), dereference(self._after, after[status])
            yield from self._contents(schemas, old.get("content", {}), new.get("content", {}), (RESPONSE, status))

    @staticmethod
    def _contents(
        schemas: SchemaDiffer, before: dict[str, Any], after: dict[str, Any], place: tuple[str, str]
    ) -> Iterator[Change]:
        direction, where = place
        part = "request-body" if direction == REQUEST else "response"
        for media_type in [media_type for media_type in before if media_type not in after]:
            yield Change(f"{part}-media-type-removed", direction, where, media_type)
        for media_type in [media_type for media_type in after if media_type not in before]:
            yield Change(f"{part}-media-type-added", direction, where, None, media_type)
        for media_type in [media_type for media_type in before if media_type in after]:
            old, new = before[media_type].get("schema", {}), after[media_type].get("schema", {})
            for each in schemas.schema(old, new, direction, where):
                yield Change(*each)


def _success(status: str) -> str:
    return "success" if status.startswith("2") else "non-success"


def _by_name(document: Document, operation: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """Place and name → parameter; path parameters by position, because their names do not matter to a server."""
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
