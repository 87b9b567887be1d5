"""Pages that contradict known facts: the report says so, the contract keeps the facts, and the advice works."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from pipeline.diff.advice import accept_command, keep_command
from pipeline.diff.as_text import as_lines
from pipeline.facts.contradictions import Contradiction
from pipeline.generate import assemble
from pipeline.spec import documents

from tests.support.regeneration import run

from . import pages

CREATE = "/kling/v1/general/custom-voices"
BASE = documents.load(pages.SUPPLIED / "chainhub-custom-voices.yaml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A scratch copy of what a regeneration may change."""
    return pages.copy_project(tmp_path)


def _edited(project: Path, **edits: Any) -> Path:
    """The supplied page with edits, by places such as `voice_name` of the body, `status` or `schema`."""
    document = json.loads(json.dumps(BASE))
    create = document["paths"][CREATE]["post"]
    media = create["requestBody"]["content"]["application/json"]
    for name, edit in edits.items():
        match name:
            case "status":
                create["responses"] = {edit: create["responses"]["200"]}
            case "media":
                create["requestBody"]["content"] = {edit: media}
            case "response":
                create["responses"]["200"]["content"]["application/json"]["schema"] = edit
            case "path":
                document["paths"] = {edit: document["paths"][CREATE]}
            case "required":
                media["schema"]["required"].append(edit)
            case _:
                media["schema"]["properties"].setdefault(name, {}).update(edit)
    page = project / "page.json"
    page.write_bytes(documents.dump(document))
    return page


def _undecided(project: Path) -> list[Contradiction]:
    openapi = project / "openapi"
    return assemble.undecided(openapi, assemble.named_document(openapi))


def _contract(project: Path) -> dict[str, Any]:
    file = project / "generated" / "kling_gateway" / "contract.json"
    contract: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return contract


INTEGER_ID = {
    "type": "object",
    "properties": {"data": {"type": "object", "properties": {"task_id": {"type": "integer"}}}},
}
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a tighter bound": ({"voice_name": {"maxLength": 10}}, ["request:body.voice_name:maxLength"]),
    "a looser bound": ({"voice_name": {"maxLength": 50}}, ["request:body.voice_name:maxLength"]),
    "a new bound": ({"external_task_id": {"maxLength": 64}}, ["request:body.external_task_id:maxLength"]),
    "another type": ({"video_id": {"type": "integer"}}, ["request:body.video_id:type"]),
    "an enum": ({"voice_name": {"enum": ["Ada"]}}, ["request:body.voice_name:enum"]),
    "a required field": ({"required": "callback_url"}, ["request:body.callback_url:required"]),
    "another success status": ({"status": "202"}, ["response:success:status"]),
    "another media type": ({"media": "multipart/form-data"}, ["request:body:media-type"]),
    "a response that the mock violates": ({"response": INTEGER_ID}, ["response:200.data.task_id:type"]),
}
HARMLESS: dict[str, dict[str, Any]] = {
    "the known bounds": {"voice_name": {"minLength": 1, "maxLength": 20}},
    "another word": {"voice_name": {"description": "Name"}},
    "another version of the path": {"path": "/kling/v2/general/custom-voices"},
    "another path": {"path": "/kling/v2/voices"},
    "a new optional field": {"language": {"type": "string", "maxLength": 5}},
    "a response that fits": {"response": {"type": "object", "properties": {"code": {"type": "integer"}}}},
}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The contract of the frozen documents."""
    project = pages.copy_project(tmp_path_factory.mktemp("before"))
    assert run(project) == 0
    return _contract(project)


@pytest.mark.parametrize("name", CASES)
def test_a_contradiction_is_reported(name: str, project: Path, before: dict[str, Any]) -> None:
    """It has a name, the contract stays the same until there is a decision, and each recommended command makes one."""
    edits, expected = CASES[name]
    assert run(project, _edited(project, **edits)) == 0
    found = _undecided(project)
    assert [each.name for each in found] == [f"chainhub:create_custom_voice:{each}" for each in expected]
    assert _same_rules(_contract(project), before)
    for command, use in ((accept_command(found[0]), "page"), (keep_command(found[0]), "known")):
        options = shlex.split(command.replace("…", "it was measured"))
        assert options[:4] == ["nox", "-s", "regenerate", "--"]
        assert run(project, *options[4:]) == 0
        assert _undecided(project) == []
        assert f"use: {use}" in (project / "openapi" / "decisions.yaml").read_text(encoding="utf-8")
        assert _same_rules(_contract(project), before) is (use == "known")


def test_a_decision_is_no_drift(project: Path) -> None:
    """After a decision, the generated code matches the documents."""
    edits, _ = CASES["a tighter bound"]
    assert run(project, _edited(project, **edits)) == 0
    assert run(project, *shlex.split(accept_command(_undecided(project)[0]).replace("…", "it was measured"))[4:]) == 0
    assert run(project, "--check") == 0


def _same_rules(contract: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two contracts have the same rules for the create."""
    first, second = (
        json.loads(json.dumps(each["paths"][CREATE]["post"]), object_hook=_without_annotations)
        for each in (contract, other)
    )
    return bool(first == second)


def _without_annotations(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in {"description", "example", "examples"}}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_contradiction(name: str, project: Path) -> None:
    """A page that agrees, moves the operation or adds something leaves nothing to decide."""
    assert run(project, _edited(project, **HARMLESS[name])) == 0
    assert _undecided(project) == []


def test_a_decision_is_for_one_value(project: Path) -> None:
    """If a later page has another value, a new decision is needed."""
    assert run(project, _edited(project, voice_name={"maxLength": 10})) == 0
    (found,) = _undecided(project)
    assert run(project, "--keep", found.name, "--reason", "measured") == 0
    assert run(project, _edited(project, voice_name={"maxLength": 12})) == 0
    assert [each.page for each in _undecided(project)] == [12]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--keep", "x"], "a decision needs a reason"),
        (["--keep", "x", "--reason", "y"], "there is no contradiction 'x'; there is none"),
        (["--accept", "x", "--reason", "y", "page.yaml"], "ingest the page first"),
        (["--check", "--keep", "x", "--reason", "y"], "takes no pages and no decision"),
    ],
)
def test_decisions_that_cannot_be_made(
    project: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is refused in one sentence, with exit code 2."""
    assert run(project, *options) == 2
    assert says in capsys.readouterr().err


def test_the_report_names_everybody(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A response schema that the mock violates affects the mock, and the failing test is named."""
    assert run(project, _edited(project, response=INTEGER_ID)) == 0
    text = capsys.readouterr().out
    assert "if the page is right: affects SDK users, the wrapper, the mock" in text
    assert re.search(r"test_contradictions\.py::test_it_is_decided\[chainhub:create_custom_voice:response:", text)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_third_gateway_replaces_nothing(
    project: Path, before: dict[str, Any], version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its page is stored beside the others, and neither client nor contract change, at any version of the path."""
    page = project / "sister.yaml"
    text = (pages.SUPPLIED / "chainhub-custom-voices.yaml").read_text(encoding="utf-8").replace("/v1/", f"/{version}/")
    page.write_text(text.replace("https://api.chainhub.tech", "https://api.sister.example"), encoding="utf-8")
    assert run(project, page) == 0
    assert "of sister" in capsys.readouterr().out.replace("apisister", "sister")
    stored = {path.name for path in (project / "openapi" / "supplied").iterdir()}
    assert {"chainhub-custom-voices.yaml", "kkiai-custom-voices.page.md"} <= stored
    assert len([name for name in stored if "sister" in name]) == 1
    assert _contract(project)["paths"] == before["paths"]


def test_a_page_of_kkiai_is_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A later page of kkiai replaces kkiai's only, and its differences from chainhub's page are listed."""
    page = project / "kkiai.md"
    text = (pages.SUPPLIED / "kkiai-custom-voices.page.md").read_text(encoding="utf-8")
    assert text.count("video_id | string |") == 1
    page.write_text(text.replace("video_id | string |", "video_id | integer |"), encoding="utf-8")
    assert run(project, page) == 0
    printed = capsys.readouterr().out
    assert "new version of kkiai, replaces kkiai-custom-voices" in printed
    assert "the page of kkiai differs from chainhub's" in printed
    assert [each.name for each in _undecided(project)] == ["kkiai:create_custom_voice:request:body.video_id:type"]


def test_no_report_without_pages(project: Path) -> None:
    """The frozen documents contradict nothing."""
    assert _undecided(project) == []
    assert callable(as_lines)
