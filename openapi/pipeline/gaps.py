"""The gap ledger: what the supplied document leaves out, and what mends it.

Each gap has a test of the document that says whether it is still there. When a gateway fills it in, that test turns,
and the ledger names what can be deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from .documents import Document
from .merge import operations


class Gap(NamedTuple):
    """One thing that the supplied document lacks or gets wrong."""

    name: str
    what: str
    is_open: Callable[[Document], bool]
    mended_by: str
    when_closed: str


def _create(document: Document) -> dict[str, Any]:
    return next(
        operation
        for path, method, operation in operations(document)
        if method == "post" and path.endswith("/custom-voices")
    )


def _schema(document: Document) -> dict[str, Any]:
    schema: dict[str, Any] = _create(document)["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _answer(document: Document) -> dict[str, Any]:
    media: dict[str, Any] = _create(document)["responses"]["200"]["content"]["application/json"]
    return media


def _declares_header(name: str) -> Callable[[Document], bool]:
    return lambda document: any(
        parameter["in"] == "header" and parameter["name"] == name
        for parameter in _create(document).get("parameters", [])
    )


def _lacks(*keywords: str, of: str) -> Callable[[Document], bool]:
    return lambda document: not any(keyword in _schema(document)["properties"][of] for keyword in keywords)


def _states_no_source_rule(document: Document) -> bool:
    rules = ("oneOf", "anyOf", "allOf", "dependentRequired", "not")
    required = _schema(document).get("required", [])
    return not any(rule in _schema(document) for rule in rules) and not {"voice_url", "video_id"} & set(required)


_OVERLAY = "openapi/contract.overlay.yaml"
_NAMES = "openapi/names.overlay.yaml"
_COMPANIONS = "openapi/companions.yaml"

GAPS: tuple[Gap, ...] = (
    Gap(
        "empty title",
        "`info.title` is empty, so a generator has nothing to name its package by.",
        lambda document: not document["info"].get("title"),
        f"{_NAMES}: the action on `$.info`",
        f"Delete that action from {_NAMES}.",
    ),
    Gap(
        "no operationId",
        "The operation has no `operationId`; generated code would be named by the path.",
        lambda document: not _create(document).get("operationId"),
        f"{_NAMES}: the action on the create",
        f"Delete `operationId` from {_NAMES} if the supplied name is as good.",
    ),
    Gap(
        "tag is a folder",
        "The tag is a folder of the documentation site, and becomes an unreadable module name.",
        lambda document: any("/" in tag for tag in _create(document).get("tags", [])),
        f"{_NAMES}: the actions on the tags",
        f"Delete the two actions on tags from {_NAMES}.",
    ),
    Gap(
        "no description",
        "Document and operation have an empty `description`.",
        lambda document: not document["info"].get("description") and not _create(document).get("description"),
        "wrapper/kling_voices/_making.py: the docstrings",
        "Compare the docstrings with the new text.",
    ),
    Gap(
        "empty response schema",
        "The 200 schema is an object without properties, so nothing is said of a task.",
        lambda document: not _answer(document)["schema"].get("properties"),
        f"{_OVERLAY}: the action on the 200 schema; wrapper/kling_voices/models.py",
        f"Compare the schema with `TaskAnswer`, then delete the action from {_OVERLAY}.",
    ),
    Gap(
        "example is an echo",
        "The example of the answer repeats the request and names no task.",
        lambda document: _answer(document).get("example", {}).keys() == _schema(document)["properties"].keys(),
        "wrapper/kling_voices/_tasks.py: `read_task` reads both; the mock's dialect `documented`",
        f"Delete `CreateEcho` from {_OVERLAY} and the dialect, unless gateways still answer so.",
    ),
    Gap(
        "no error answers",
        "No status but 200 is described.",
        lambda document: list(_create(document)["responses"]) == ["200"],
        f"{_OVERLAY}: the action on the responses; wrapper/kling_voices/_codes.py",
        f"Delete from {_OVERLAY} what the document now describes.",
    ),
    Gap(
        "Authorization as a parameter",
        "The key is declared as an ordinary header parameter too, beside the bearer scheme; OpenAPI ignores that.",
        _declares_header("Authorization"),
        f"{_OVERLAY}: the action that removes the parameters; wrapper/kling_voices/_operations.py: `_OURS`",
        f"Delete the removal from {_OVERLAY} when neither header is declared, and the name from `_OURS`.",
    ),
    Gap(
        "Content-Type as a parameter",
        "The content type is declared as an ordinary header parameter; OpenAPI ignores such declarations.",
        _declares_header("Content-Type"),
        f"{_OVERLAY}: the action that removes the parameters; wrapper/kling_voices/_operations.py: `_OURS`",
        f"Delete the removal from {_OVERLAY} when neither header is declared, and the name from `_OURS`.",
    ),
    Gap(
        "body not required",
        "The body is optional, though `voice_name` in it is required.",
        lambda document: not _create(document)["requestBody"].get("required", False),
        f"{_OVERLAY}: the action on the requestBody",
        f"Delete that action from {_OVERLAY}.",
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
        lambda document: "" in _answer(document).get("example", {}).values(),
        "wrapper/kling_voices/models.py: `_text`; wrapper/kling_voices/_checks.py: `check_source`",
        "Keep reading it so; drop the sentence from the docstrings.",
    ),
    Gap(
        "empty examples",
        "The request's `examples` is an empty object.",
        lambda document: _create(document)["requestBody"]["content"]["application/json"].get("examples") == {},
        f"{_OVERLAY}: the two actions on the examples",
        f"Delete the two actions from {_OVERLAY}.",
    ),
    Gap(
        "one server of two",
        "Only chainhub's server is named; kkiai serves the same path.",
        lambda document: not any("kkiai" in server["url"] for server in document.get("servers", [])),
        f"wrapper/kling_voices/_gateways.py: `Gateway`; {_OVERLAY}: the action on the servers",
        f"Delete the action from {_OVERLAY}.",
    ),
    Gap(
        "x-apifox keys",
        "Keys of the documentation tool lie among the operation's own.",
        lambda document: "x-apifox" in json.dumps(document),
        "nothing needs to: OpenAPI lets every tool ignore them",
        "Nothing to delete.",
    ),
    Gap(
        "only the create",
        "Creation is asynchronous, but no operation that tells how it went is described.",
        lambda document: (
            [(path, method) for path, method, _ in operations(document)]
            == [("/kling/v1/general/custom-voices", "post")]
        ),
        f"{_COMPANIONS}",
        f"Delete from {_COMPANIONS} the operations that are now supplied.",
    ),
    Gap(
        "no components",
        "`components.schemas` is empty, so nothing has a name to refer to.",
        lambda document: not document.get("components", {}).get("schemas"),
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
from `openapi/pipeline/gaps.py` by `nox -s docs`.

| gap | what the document says | mended by | when it closes |
|---|---|---|---|
{rows}
"""
