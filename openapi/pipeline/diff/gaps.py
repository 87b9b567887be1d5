"""The gap ledger: what the supplied document omits or gets wrong, and which part of this project covers each gap.

Each gap has a function that checks whether a document has it. When a page closes or opens a gap, the report says so;
no test fails because of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from ..spec.documents import Document
from ..spec.operations import Place, places
from ..spec.schemas import is_empty_schema
from ..spec.walk import dereference


class View:
    """One operation in a document; missing parts are empty."""

    def __init__(self, document: Document, place: Place) -> None:
        self.document = document
        self.place = place
        self.operation: dict[str, Any] = places(document).get(place, {})
        self.body: dict[str, Any] = self.operation.get("requestBody", {})
        self.request: dict[str, Any] = _media(self.body)
        self.schema: dict[str, Any] = self._resolved(self.request.get("schema", {}))
        self.properties: dict[str, Any] = self.schema.get("properties", {})
        self.responses: dict[str, Any] = self.operation.get("responses", {})
        self.answer: dict[str, Any] = _media(self.responses.get("200", {}))
        self.answer_schema: dict[str, Any] = self._resolved(self.answer.get("schema", {}))
        example = self.answer.get("example")
        self.example: dict[str, Any] = example if isinstance(example, dict) else {}

    def headers(self) -> set[str]:
        """The headers that the operation declares as parameters."""
        declared = [self._resolved(parameter) for parameter in self.operation.get("parameters", [])]
        return {parameter["name"] for parameter in declared if parameter.get("in") == "header"}

    def has_result(self) -> bool:
        """Whether an operation that returns the tasks of `POST X` is described: `GET X/{id}` or `GET X`."""
        listing = Place(self.place.path, "get")
        return self.has_query() or listing in places(self.document)

    def has_query(self) -> bool:
        """Whether `GET X/{id}` is described, for `POST X`."""
        query = Place(f"{self.place.path}/{{id}}", "get")
        return query.key in {place.key for place in places(self.document)}

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        return dereference(self.document, node) or {}


class Gap(NamedTuple):
    """One thing that a document lacks or gets wrong.

    Attributes:
        name: A short name.
        what: What the document says, and why that is a gap.
        is_open: Whether a document has the gap.
        covered_by: The file that covers the gap, and the names in it, in backticks.
        when_closed: What to do when a page closes the gap.
        of_any_operation: Whether the page of another operation can have it, too.
    """

    name: str
    what: str
    is_open: Callable[[View], bool]
    covered_by: str
    when_closed: str = "Nothing has to be changed: a value that differs from the known one is a contradiction."
    of_any_operation: bool = False


def open_gaps(document: Document, place: Place, *, is_create: bool) -> list[Gap]:
    """The gaps of the operation at that place; none if it is not supplied."""
    view = View(document, place)
    if not view.operation:
        return []
    return [gap for gap in GAPS if (is_create or gap.of_any_operation) and gap.is_open(view)]


def _media(described: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = described.get("content", {})
    found: dict[str, Any] = content.get("application/json", {})
    return found


def _lacks(*keywords: str, of: str) -> Callable[[View], bool]:
    return lambda view: not any(keyword in view.properties.get(of, {}) for keyword in keywords)


def _has_no_response_schema(view: View) -> bool:
    return "200" in view.responses and is_empty_schema(view.answer_schema)


def _states_no_source_rule(view: View) -> bool:
    rules = ("oneOf", "anyOf", "allOf", "dependentRequired", "not")
    required = view.schema.get("required", [])
    return not any(rule in view.schema for rule in rules) and not {"voice_url", "video_id"} & set(required)


_OVERLAY = "openapi/contract.overlay.yaml"
_NAMES = "openapi/names.overlay.yaml"
_NORMALISE = "openapi/pipeline/ingest/normalise.py"
_ATTACH = "openapi/pipeline/facts/attach.py"
_COMPANIONS = "openapi/companions.yaml"
_VALIDATION = "wrapper/kling_voices/_flows/validation.py"
_DROPPED = "Nothing has to be changed: such declarations are dropped from every page."

GAPS: tuple[Gap, ...] = (
    Gap(
        "empty title",
        "`info.title` is empty, so a generator cannot name the package.",
        lambda view: not view.document.get("info", {}).get("title"),
        f"{_NAMES}: the action on `$.info`",
        "Nothing has to be changed: the package keeps its name.",
    ),
    Gap(
        "no operationId",
        "The operation has no `operationId`; generated code would be named after the path.",
        lambda view: not view.operation.get("operationId"),
        f"{_NAMES}: `operationId`",
        "Nothing has to be changed: the operation keeps the name that the wrapper uses.",
        of_any_operation=True,
    ),
    Gap(
        "tag is a folder",
        "The tag is a folder of the documentation site, and would be an unreadable module name.",
        lambda view: any("/" in tag for tag in view.operation.get("tags", [])),
        f"{_NORMALISE}: `tags`; {_NAMES}: `tags`",
        "Nothing has to be changed: the package keeps its folder `voices`.",
        of_any_operation=True,
    ),
    Gap(
        "no description",
        "Document and operation have an empty `description`.",
        lambda view: not view.document.get("info", {}).get("description") and not view.operation.get("description"),
        "wrapper/kling_voices/_async_client.py: the docstring of `create_voice`",
        "Compare the docstring of `create_voice` with the new text.",
    ),
    Gap(
        "empty response schema",
        "The schema of the success response is an object without properties.",
        _has_no_response_schema,
        f"{_OVERLAY}: `TaskAnswer`; wrapper/kling_voices/models.py",
        of_any_operation=True,
    ),
    Gap(
        "example is an echo",
        "The example of the response repeats the request and names no task.",
        lambda view: bool(view.example) and not view.example.keys() & {"code", "data", "task_id"},
        f"{_OVERLAY}: `CreateEcho`; wrapper/kling_voices/_protocol/tasks.py: `parse_task` reads both",
        "Nothing has to be changed: the echo stays allowed, because gateways may still answer with it.",
    ),
    Gap(
        "no error responses",
        "Only the success status is described.",
        lambda view: not any(status[0] in "45d" for status in view.responses),
        f"{_ATTACH}: `_ERRORS`; wrapper/kling_voices/_protocol/error_codes.py",
        "Nothing has to be changed: the known error responses stay in the contract.",
        of_any_operation=True,
    ),
    Gap(
        "Authorization as a parameter",
        "The key is also declared as an ordinary header parameter, which OpenAPI ignores.",
        lambda view: "Authorization" in view.headers(),
        f"{_NORMALISE}: `_IGNORED_HEADERS`",
        _DROPPED,
        of_any_operation=True,
    ),
    Gap(
        "Content-Type as a parameter",
        "The content type is declared as an ordinary header parameter, which OpenAPI ignores.",
        lambda view: "Content-Type" in view.headers(),
        f"{_NORMALISE}: `_IGNORED_HEADERS`",
        _DROPPED,
        of_any_operation=True,
    ),
    Gap(
        "body not required",
        "The body is not marked as required, although one of its fields is.",
        lambda view: bool(view.body) and not view.body.get("required", False),
        f"{_OVERLAY}: `required: true`",
        of_any_operation=True,
    ),
    Gap(
        "no source required",
        "Neither `voice_url` nor `video_id` is required, and nothing says that they exclude each other.",
        _states_no_source_rule,
        f"{_OVERLAY}: `oneOf`; {_VALIDATION}: `validate_source`",
        "Compare the new rule with `validate_source`.",
    ),
    Gap(
        "no name length",
        "`voice_name` has no bounds; Kling enforces 1 to 20 characters.",
        _lacks("minLength", "maxLength", of="voice_name"),
        f"{_OVERLAY}: `maxLength`; {_VALIDATION}: `NAME_LENGTH`",
    ),
    Gap(
        "no format of voice_url",
        "`voice_url` is any string, although it is the address of one of four kinds of file.",
        _lacks("format", "pattern", of="voice_url"),
        f"{_OVERLAY}: `pattern`; {_VALIDATION}: `AUDIO_EXTENSIONS`",
    ),
    Gap(
        "no format of callback_url",
        "`callback_url` is any string, and has no description.",
        _lacks("format", "pattern", "description", of="callback_url"),
        f"{_OVERLAY}: `pattern`; {_VALIDATION}: `callback_url`",
    ),
    Gap(
        "external_task_id undescribed",
        "Nothing says that `external_task_id` must be unique and that a task can be queried by it.",
        _lacks("description", "minLength", "maxLength", of="external_task_id"),
        f"wrapper/kling_voices/_flows/paid_create.py; {_VALIDATION}: `external_task_id`",
    ),
    Gap(
        "empty means absent",
        'The example gives `""` for absent fields.',
        lambda view: "" in view.example.values(),
        f"wrapper/kling_voices/_protocol/requests.py: `UNSET`; {_VALIDATION}: `validate_source`",
        "Nothing has to be changed: an empty string still means absent.",
    ),
    Gap(
        "empty examples",
        "The request's `examples` is an empty object.",
        lambda view: view.request.get("examples") == {},
        f"{_NORMALISE}: `examples`; {_OVERLAY}: `examples`",
        "Nothing has to be changed: the known examples stay in the contract.",
        of_any_operation=True,
    ),
    Gap(
        "one server of two",
        "Only chainhub's server is named; kkiai serves the same path.",
        lambda view: not any("kkiai" in server["url"] for server in view.document.get("servers", [])),
        f"wrapper/kling_voices/_http/endpoint.py: `Gateway`; {_OVERLAY}: `$.servers`",
        "Nothing has to be changed: both gateways are known.",
    ),
    Gap(
        "x-apifox keys",
        "The description contains keys of the documentation tool.",
        lambda view: "x-apifox" in json.dumps(view.document),
        "nothing: OpenAPI lets every tool ignore them",
        "Nothing has to be changed.",
    ),
    Gap(
        "only the create",
        "Creation is asynchronous, but no operation that returns its result is described.",
        lambda view: not view.has_result(),
        _COMPANIONS,
        "Nothing has to be changed: keep openapi/companions.yaml, which contains facts that the page does not state.",
    ),
    Gap(
        "no components",
        "`components.schemas` is empty, so the schemas have no names.",
        lambda view: not view.document.get("components", {}).get("schemas"),
        f"{_COMPANIONS}: `components`",
        "Nothing has to be changed: components with the same name and different content stay separate.",
    ),
)


def page() -> str:
    """The ledger as a page of the documentation."""
    rows = "\n".join(f"| {gap.name} | {gap.what} | {gap.covered_by} | {gap.when_closed} |" for gap in GAPS)
    return f"""\
# The gap ledger

This page lists what the supplied document omits or gets wrong, and which part of this project covers each gap. A test
checks for each gap whether it is still open. When a gateway closes a gap, the report of `nox -s regenerate` says so; no
test fails because of it. `nox -s docs` generates this page from `openapi/pipeline/diff/gaps.py`.

| gap | what the document says | covered by | when it closes |
|---|---|---|---|
{rows}
"""
