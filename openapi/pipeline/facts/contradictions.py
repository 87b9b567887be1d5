"""Contradictions between a page and the known facts about its operation, each with its location and both values.

Requests: every bound, type, enum or requirement that the page states and that is not the known one. Responses: the
page's schema must accept the known responses, which are the ones that the mock gateway sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator

from ..spec.documents import Document
from ..spec.schemas import SAYS_NOTHING, is_empty_schema, schema_type
from ..spec.walk import dereference
from .known import JSON, SUCCESS
from .wrapper import SENDS

REQUEST, RESPONSE = "request", "response"
MEDIA_TYPE, STATUS, SCHEME = "media-type", "status", "security"
UNDESCRIBED = "undescribed"  # a field that the wrapper sends, and that the page does not have

_KEYWORDS = (
    *("minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
    *("minProperties", "maxProperties", "multipleOf", "pattern", "uniqueItems", "enum"),
)
_MAX_DEPTH = 12
_MAX_VIOLATIONS = 20  # of one response; a schema of another shape violates everything


@frozen
class Contradiction:
    """A difference between a page and the known facts.

    Attributes:
        gateway: The gateway of the page.
        operation: The operationId.
        direction: `request` or `response`.
        steps: Where, as property names; `[]` stands for the items of an array. The first is the part: `body`, `query`,
            `path`, or a status.
        keyword: The OpenAPI keyword that differs.
        page: The page's value; None where the page lacks it.
        known: The known value; None where none is known.
    """

    gateway: str
    operation: str
    direction: str
    steps: tuple[str, ...]
    keyword: str
    page: Any
    known: Any

    @property
    def name(self) -> str:
        """Identifies the contradiction in reports, decisions and tests."""
        return f"{self.gateway}:{self.operation}:{self.direction}:{'.'.join(self.steps)}:{self.keyword}"


def find_contradictions(
    gateway: str,
    known: dict[str, Any],
    page: dict[str, Any],
    known_document: Document,
    page_document: Document,
    *,
    always_sent: frozenset[str] = frozenset(),
) -> list[Contradiction]:
    """Every contradiction between a page's description of an operation and the known one.

    Args:
        gateway: The gateway of the page.
        known: The known operation.
        page: The operation as the page has it, normalised.
        known_document: The document that references of `known` are looked up in.
        page_document: The document that references of `page` are looked up in.
        always_sent: Fields that every request of the wrapper has. A page may require them without contradiction.
    """
    comparison = _Comparison(gateway, known["operationId"], known_document, page_document, always_sent)
    found = [
        *comparison.parameters(known, page),
        *comparison.body(known.get("requestBody"), page.get("requestBody")),
        *comparison.responses(known["responses"], page.get("responses", {})),
        *comparison.security(page),
    ]
    return list({each.name: each for each in found}.values())


@frozen
class _Comparison:
    gateway: str
    operation: str
    known_document: Document
    page_document: Document
    always_sent: frozenset[str]

    def _contradiction(
        self, direction: str, steps: tuple[str, ...], keyword: str, values: tuple[Any, Any]
    ) -> Contradiction:
        return Contradiction(self.gateway, self.operation, direction, steps, keyword, *values)

    def parameters(self, known: dict[str, Any], page: dict[str, Any]) -> Iterator[Contradiction]:
        ours = self._by_name(self.known_document, known)
        for place, parameter in self._by_name(self.page_document, page).items():
            same = ours.get(place)
            if same is not None:
                yield from self._schema(same.get("schema", {}), parameter.get("schema", {}), place)
            elif parameter.get("required") and place[0] != "path" and place[1] not in self.always_sent:
                yield self._contradiction(REQUEST, place, "required", (True, None))

    @staticmethod
    def _by_name(document: Document, operation: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
        parameters = (dereference(document, each) for each in operation.get("parameters", []))
        return {(parameter["in"], parameter["name"]): parameter for parameter in parameters}

    def body(self, known: dict[str, Any] | None, page: dict[str, Any] | None) -> Iterator[Contradiction]:
        content = dereference(self.page_document, page or {}).get("content", {})
        if known is None:
            if page is not None and page.get("required"):
                yield self._contradiction(REQUEST, ("body",), "required", (True, None))
            return
        if content and JSON not in content:
            yield self._contradiction(REQUEST, ("body",), MEDIA_TYPE, (sorted(content), JSON))
        ours = dereference(self.known_document, known)["content"][JSON]
        media: dict[str, Any] = content.get(JSON) or next(iter(content.values()), {})
        theirs = media.get("schema", {})
        yield from self._schema(ours["schema"], theirs, ("body",))
        yield from self._examples(ours, theirs, ("body",), REQUEST)
        yield from self._undescribed(theirs)

    def _undescribed(self, page: Any) -> Iterator[Contradiction]:
        described = dereference(self.page_document, page)
        if isinstance(described, dict) and described.get("properties"):
            for name in sorted(SENDS.get(self.operation, frozenset()) - described["properties"].keys()):
                yield self._contradiction(REQUEST, ("body", name), UNDESCRIBED, (True, None))

    def responses(self, known: dict[str, Any], page: dict[str, Any]) -> Iterator[Contradiction]:
        statuses = [status for status in page if status.startswith("2")]
        if statuses and SUCCESS not in statuses:
            yield self._contradiction(RESPONSE, ("success",), STATUS, (statuses, SUCCESS))
        ours = dereference(self.known_document, known[SUCCESS]).get("content", {}).get(JSON, {})
        for status in statuses:
            content = dereference(self.page_document, page[status]).get("content", {})
            media: dict[str, Any] = content.get(JSON) or next(iter(content.values()), {})
            if ours:
                yield from self._examples(ours, media.get("schema", {}), (status,), RESPONSE)

    def security(self, page: dict[str, Any]) -> Iterator[Contradiction]:
        schemes = self.page_document.get("components", {}).get("securitySchemes", {})
        required = page.get("security", self.page_document.get("security")) or []
        stated = [schemes.get(name, {}) for requirement in required for name in requirement]
        if stated and not any(_is_bearer(scheme) for scheme in stated):
            kinds = [str(scheme.get("type")) for scheme in stated]
            yield self._contradiction(REQUEST, ("authorization",), SCHEME, (kinds, "bearer"))

    def _schema(self, known: Any, page: Any, steps: tuple[str, ...], depth: int = 0) -> Iterator[Contradiction]:
        """Compare the page's request with the known request, keyword by keyword."""
        ours, theirs = dereference(self.known_document, known), dereference(self.page_document, page)
        if not isinstance(theirs, dict) or is_empty_schema(theirs) or depth > _MAX_DEPTH:
            return
        kinds = schema_type(theirs), schema_type(ours)
        if all(kinds) and kinds[0] != kinds[1]:
            yield self._contradiction(REQUEST, steps, "type", kinds)
            return
        for keyword in _KEYWORDS:
            stated, expected = theirs.get(keyword), ours.get(keyword)
            if stated is not None and stated not in (expected, SAYS_NOTHING.get(keyword)):
                yield self._contradiction(REQUEST, steps, keyword, (stated, expected))
        yield from self._members(ours, theirs, steps, depth)

    def _members(
        self, ours: dict[str, Any], theirs: dict[str, Any], steps: tuple[str, ...], depth: int
    ) -> Iterator[Contradiction]:
        members = ours.get("properties", {})
        for name, member in theirs.get("properties", {}).items():
            if name in members:
                yield from self._schema(members[name], member, (*steps, name), depth + 1)
        for name in theirs.get("required", []):
            if name not in {*ours.get("required", []), *self.always_sent}:
                yield self._contradiction(REQUEST, (*steps, name), "required", (True, None))
        if "items" in ours and "items" in theirs:
            yield from self._schema(ours["items"], theirs["items"], (*steps, "[]"), depth + 1)

    def _examples(
        self, known: dict[str, Any], page: Any, steps: tuple[str, ...], direction: str
    ) -> Iterator[Contradiction]:
        """The contradictions of the known examples that the page's schema refuses."""
        theirs = dereference(self.page_document, page)
        if not isinstance(theirs, dict) or is_empty_schema(theirs):
            return
        validator_class = OAS30ReadValidator if direction == RESPONSE else OAS30WriteValidator
        validator = validator_class({**theirs, "components": self.page_document.get("components", {})})
        for example in known.get("examples", {}).values():
            for number, error in enumerate(validator.iter_errors(example["value"])):
                where = tuple("[]" if isinstance(step, int) else step for step in error.absolute_path)
                keyword, stated = str(error.validator), error.validator_value
                if direction == REQUEST and keyword in {"required", "type", *_KEYWORDS}:
                    continue  # the comparison of keywords reports it, unless it is harmless
                yield self._contradiction(direction, (*steps, *where), keyword, (stated, None))
                if number == _MAX_VIOLATIONS:
                    return


def _is_bearer(scheme: dict[str, Any]) -> bool:
    """The bearer scheme, or the header that it is sent in, as documentation tools write it."""
    if scheme.get("type") == "http":
        return str(scheme.get("scheme", "")).lower() == "bearer"
    is_header = scheme.get("type") == "apiKey" and scheme.get("in") == "header"
    return is_header and str(scheme.get("name", "")).lower() == "authorization"
