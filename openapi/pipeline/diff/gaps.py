"""The gap ledger: what the supplied document leaves out, and what mends it.

Each gap has a test of the document that says whether it is still there. When a gateway fills it in, that test turns,
and the ledger names what can be deleted.
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
    """The supplied documents, and one operation in them, looked at without stumbling over what they lack."""

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
        """The headers that the operation declares as ordinary parameters."""
        declared = [self._resolved(parameter) for parameter in self.operation.get("parameters", [])]
        return {parameter["name"] for parameter in declared if parameter.get("in") == "header"}

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        return dereference(self.document, node) or {}


class Gap(NamedTuple):
    """One thing that the supplied documents lack or get wrong."""

    name: str
    what: str
    is_open: Callable[[View], bool]
    mended_by: str
    when_closed: str
    of_any_operation: bool = False  # whether a page of another operation can have it, too


def open_gaps(document: Document, place: Place, *, is_create: bool) -> list[Gap]:
    """The gaps that the documents have, looking at the operation in that place; none where it is not supplied."""
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


def _answers_without_words(view: View) -> bool:
    return "200" in view.responses and is_empty_schema(view.answer_schema)


def _states_no_source_rule(view: View) -> bool:
    rules = ("oneOf", "anyOf", "allOf", "dependentRequired", "not")
    required = view.schema.get("required", [])
    return not any(rule in view.schema for rule in rules) and not {"voice_url", "video_id"} & set(required)


_OVERLAY = "openapi/contract.overlay.yaml"
_NAMES = "openapi/names.overlay.yaml"
_NORMAL = "openapi/pipeline/generate/normalise.py"
_COMPANIONS = "openapi/companions.yaml"

GAPS: tuple[Gap, ...] = (
    Gap(
        "empty title",
        "`info.title` is empty, so a generator has nothing to name its package by.",
        lambda view: not view.document.get("info", {}).get("title"),
        f"{_NAMES}: the action on `$.info`",
        f"Delete that action from {_NAMES}.",
    ),
    Gap(
        "no operationId",
        "The operation has no `operationId`; generated code would be named by the path.",
        lambda view: not view.operation.get("operationId"),
        f"{_NAMES}: the action on the create",
        f"Delete `operationId` from {_NAMES} if the supplied name is as good.",
        of_any_operation=True,
    ),
    Gap(
        "tag is a folder",
        "The tag is a folder of the documentation site, and becomes an unreadable module name.",
        lambda view: any("/" in tag for tag in view.operation.get("tags", [])),
        f"{_NORMAL}: tags are dropped; {_NAMES}: `tags`",
        "Nothing to delete: the package keeps its folder `voices`.",
        of_any_operation=True,
    ),
    Gap(
        "no description",
        "Document and operation have an empty `description`.",
        lambda view: not view.document.get("info", {}).get("description") and not view.operation.get("description"),
        "wrapper/kling_voices/_making.py: the docstrings",
        "Compare the docstrings with the new text.",
    ),
    Gap(
        "empty response schema",
        "The 200 schema is an object without properties, so nothing is said of the answer.",
        _answers_without_words,
        f"{_OVERLAY}: the action on the 200 schema; wrapper/kling_voices/models.py",
        f"Compare the schema with `TaskAnswer`, then delete the action from {_OVERLAY}.",
        of_any_operation=True,
    ),
    Gap(
        "example is an echo",
        "The example of the answer repeats the request and names no task.",
        lambda view: bool(view.example) and not view.example.keys() & {"code", "data", "task_id"},
        "wrapper/kling_voices/_tasks.py: `read_task` reads both; the mock's dialect `documented`",
        f"Delete `CreateEcho` from {_OVERLAY} and the dialect, unless gateways still answer so.",
    ),
    Gap(
        "no error answers",
        "No status but 200 is described.",
        lambda view: not any(status[0] in "45d" for status in view.responses),
        f"{_OVERLAY}: the action on the responses; wrapper/kling_voices/_codes.py",
        f"Delete from {_OVERLAY} what the document now describes.",
        of_any_operation=True,
    ),
    Gap(
        "Authorization as a parameter",
        "The key is declared as an ordinary header parameter too, beside the bearer scheme; OpenAPI ignores that.",
        lambda view: "Authorization" in view.headers(),
        f"{_NORMAL}: `_IGNORED_HEADERS`",
        "Nothing to delete: what a later page declares so is dropped, too.",
        of_any_operation=True,
    ),
    Gap(
        "Content-Type as a parameter",
        "The content type is declared as an ordinary header parameter; OpenAPI ignores such declarations.",
        lambda view: "Content-Type" in view.headers(),
        f"{_NORMAL}: `_IGNORED_HEADERS`",
        "Nothing to delete: what a later page declares so is dropped, too.",
        of_any_operation=True,
    ),
    Gap(
        "body not required",
        "The body is not marked as required, though without it there is nothing to do.",
        lambda view: bool(view.body) and not view.body.get("required", False),
        f"{_OVERLAY}: the action on the requestBody",
        f"Delete that action from {_OVERLAY}.",
        of_any_operation=True,
    ),
    Gap(
        "no source required",
        "Neither `voice_url` nor `video_id` is required, and nothing says that they exclude each other.",
        _states_no_source_rule,
        f"{_OVERLAY}: the `oneOf`; wrapper/kling_voices/_checks.py: `check_source`",
        f"Compare the new rule with `check_source`, then delete the `oneOf` from {_OVERLAY}.",
    ),
    Gap(
        "no name length",
        "`voice_name` has no bounds; Kling enforces 1 to 20 characters.",
        _lacks("minLength", "maxLength", of="voice_name"),
        f"{_OVERLAY}: the action on voice_name; wrapper/kling_voices/_checks.py: `NAME_LENGTH`",
        f"Compare the bounds with `NAME_LENGTH`, then delete the action from {_OVERLAY}.",
    ),
    Gap(
        "no format of voice_url",
        "`voice_url` is any string, though it is an address of one of four kinds of file.",
        _lacks("format", "pattern", of="voice_url"),
        f"{_OVERLAY}: the pattern in the `oneOf`; wrapper/kling_voices/_checks.py: `check_voice_url`",
        "Compare the new rule with `check_voice_url`.",
    ),
    Gap(
        "no format of callback_url",
        "`callback_url` is any string, and undescribed.",
        _lacks("format", "pattern", "description", of="callback_url"),
        f"{_OVERLAY}: the action on callback_url; wrapper/kling_voices/_checks.py: `check_callback_url`",
        f"Compare the new rule with `check_callback_url`, then delete the action from {_OVERLAY}.",
    ),
    Gap(
        "external_task_id undescribed",
        "Nothing says that `external_task_id` must be unique and can be queried by.",
        _lacks("description", "minLength", "maxLength", of="external_task_id"),
        "wrapper/kling_voices/_create.py: every create carries one",
        "Compare the new rule with `check_external_task_id`.",
    ),
    Gap(
        "empty means absent",
        'The example gives `""` for what is absent.',
        lambda view: "" in view.example.values(),
        "wrapper/kling_voices/models.py: `_text`; wrapper/kling_voices/_checks.py: `check_source`",
        "Keep reading it so; drop the sentence from the docstrings.",
    ),
    Gap(
        "empty examples",
        "The request's `examples` is an empty object.",
        lambda view: view.request.get("examples") == {},
        f"{_NORMAL}: `_without_titles_and_empty_examples`; {_OVERLAY}: the action on the examples",
        f"Compare the examples with those in {_OVERLAY}, then delete that action.",
        of_any_operation=True,
    ),
    Gap(
        "one server of two",
        "Only chainhub's server is named; kkiai serves the same path.",
        lambda view: not any("kkiai" in server["url"] for server in view.document.get("servers", [])),
        f"wrapper/kling_voices/_gateways.py: `Gateway`; {_OVERLAY}: the action on the servers",
        f"Delete the action from {_OVERLAY}.",
    ),
    Gap(
        "x-apifox keys",
        "Keys of the documentation tool lie among the operation's own.",
        lambda view: "x-apifox" in json.dumps(view.document),
        "nothing needs to: OpenAPI lets every tool ignore them",
        "Nothing to delete.",
    ),
    Gap(
        "only the create",
        "Creation is asynchronous, but no operation that tells how it went is described.",
        lambda view: not places(view.document).keys() - {view.place},
        f"{_COMPANIONS}",
        f"Delete from {_COMPANIONS} the operations that are now supplied.",
    ),
    Gap(
        "no components",
        "`components.schemas` is empty, so nothing has a name to refer to.",
        lambda view: not view.document.get("components", {}).get("schemas"),
        f"{_COMPANIONS}: `components`",
        f"Compare the new components with those of {_COMPANIONS}.",
    ),
)


def page() -> str:
    """The ledger as a page of the documentation."""
    rows = "\n".join(f"| {gap.name} | {gap.what} | {gap.mended_by} | {gap.when_closed} |" for gap in GAPS)
    return f"""\
# The gap ledger

What the supplied document leaves out or gets wrong, and what in this project mends it. Each row is a test of the
document itself: when a gateway closes a gap, `nox -s contract` fails and says what may be deleted. This page is made
from `openapi/pipeline/diff/gaps.py` by `nox -s docs`.

| gap | what the document says | mended by | when it closes |
|---|---|---|---|
{rows}
"""
