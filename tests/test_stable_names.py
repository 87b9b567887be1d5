"""Names and components do not change when pages are added, moved or removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline.spec import documents

from tests.support.regeneration import case_text, run, write_case

from . import pages

SUPPLIED = (pages.SUPPLIED / "chainhub-custom-voices.yaml").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A scratch copy of what a regeneration may change."""
    return pages.copy_project(tmp_path)


def _operation_page(project: Path, name: str, *paths: str) -> Path:
    page = project / name
    operations = {path: {"post": {"responses": {"200": {"description": ""}}}} for path in paths}
    page.write_bytes(documents.dump({"openapi": "3.0.1", "info": {"title": "", "version": "1"}, "paths": operations}))
    return page


def _names(project: Path) -> dict[str, str]:
    paths = documents.load(project / "generated" / "kling_gateway" / "openapi.json")["paths"]
    return {path: item["post"]["operationId"] for path, item in paths.items() if "post" in item and "/a" in path}


def test_names_stay(project: Path) -> None:
    """However pages name and move them, the operations that the wrapper uses keep their names and arguments."""
    page = write_case(project, "query one, with another name of the id")
    assert run(project, page) == 0
    moved = page.read_text(encoding="utf-8").replace("/kling/v1/general/custom-voices/{task_id}", "/kling/v3/{task_id}")
    # The summary, the body and the tool's number all fail to tell it: it has none. An operationId does.
    page.write_text(moved, encoding="utf-8")
    assert run(project, page, write_case(project, "path changed")) == 0
    folder = project / "generated" / "kling_gateway" / "api" / "voices"
    assert 'url": "/kling/v3/{id}"' in (folder / "get_custom_voice.py").read_text(encoding="utf-8")
    assert 'url": "/kling/v2/voices"' in (folder / "create_custom_voice.py").read_text(encoding="utf-8")
    assert len(list(folder.glob("*_voice*.py"))) == 5
    assert run(project, "--check") == 0


def test_no_page_renames_an_operation(project: Path) -> None:
    """Paths that read alike keep their names when the order changes, when a page goes, and when one moves."""
    both = _operation_page(project, "both.json", "/kling/v1/a-b", "/kling/v1/a_b")
    assert run(project, both) == 0
    named = {"/kling/v1/a-b": "post_a_b", "/kling/v1/a_b": "post_a_b_2"}
    assert _names(project) == named
    assert run(project, _operation_page(project, "both.json", "/kling/v1/a_b", "/kling/v1/a-b")) == 0
    assert _names(project) == named
    assert run(project, _operation_page(project, "both.json", "/kling/v1/a_b")) == 0
    assert _names(project) == {"/kling/v1/a_b": "post_a_b_2"}
    assert run(project, _operation_page(project, "third.json", "/kling/v1/aB")) == 0
    assert _names(project) == {"/kling/v1/a_b": "post_a_b_2", "/kling/v1/aB": "post_a_b"}
    assert run(project, "--check") == 0


def test_a_moved_operation_may_rename_its_parameter_and_go(project: Path) -> None:
    """The names overlay follows an operation wherever it goes, and forgets it when no page has it any more."""
    overlay = project / "openapi" / "names.overlay.yaml"
    first = overlay.read_text(encoding="utf-8")
    text = case_text("query one, with another name of the id")[1]
    text = text.replace("    get:\n", "    get:\n      x-run-in-apifox: https://app.apifox.com/web/apis/api-7-run\n")
    page = project / "query.yaml"
    places = ("general/custom-voices/{task_id}", "v3/{task_id}", "v3/{vid}")
    for place in places:
        moved = text.replace("general/custom-voices/{task_id}", place)
        page.write_text(moved.replace("name: task_id", "name: vid") if "vid" in place else moved, encoding="utf-8")
        assert run(project, page) == 0, place
    assert "x-kling-recorded: moved" in overlay.read_text(encoding="utf-8")
    whole = documents.load(page)
    whole["paths"]["/kling/v1/other"] = {"post": {"responses": {"200": {"description": ""}}}}
    page.write_bytes(documents.dump(whole))
    assert run(project, page) == 0
    whole["paths"] = {"/kling/v1/other": whole["paths"]["/kling/v1/other"]}
    page.write_bytes(documents.dump(whole))
    assert run(project, page) == 0
    assert overlay.read_text(encoding="utf-8") == first
    assert run(project, "--check") == 0


def test_what_stays_has_not_moved(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy of the create elsewhere is another operation while the create is there; two copies are refused."""
    here, there = project / "here.yaml", project / "there.yaml"
    here.write_text(SUPPLIED.replace("/kling/v1/general/custom-voices:", "/kling/v3/voices:"), encoding="utf-8")
    there.write_text(SUPPLIED.replace("/kling/v1/general/custom-voices:", "/kling/v2/voices:"), encoding="utf-8")
    assert run(project, here, there) == 2
    assert "both describe what was POST /kling/v1/general/custom-voices" in capsys.readouterr().err
    here.write_text(SUPPLIED.replace("Timbre", "Voice"), encoding="utf-8")
    assert run(project, here, there) == 0
    api = project / "generated" / "kling_gateway" / "api"
    assert "general/custom-voices" in (api / "voices" / "create_custom_voice.py").read_text(encoding="utf-8")
    assert (api / "v2" / "post_v2_voices.py").exists()


def test_components_that_all_refer_to_each_other(project: Path) -> None:
    """Comparing stays fast if components refer to each other in millions of ways."""
    schemas = {
        f"N{one}": {
            "type": "object",
            "properties": {f"p{other}": {"$ref": f"#/components/schemas/N{other}"} for other in range(12)},
        }
        for one in range(12)
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/N0"}}}}
    operation = {"requestBody": body, "responses": {"200": {"description": ""}}}
    whole = {"openapi": "3.0.1", "info": {"title": "", "version": "1"}, "paths": {"/kling/v1/n": {"post": operation}}}
    page = project / "graph.json"
    for kind in ("string", "integer"):
        schemas["N11"]["properties"]["leaf"] = {"type": kind}  # type: ignore[index]
        page.write_bytes(documents.dump({**whole, "components": {"schemas": schemas}}))
        assert run(project, page) == 0


def test_a_component_behind_an_alternative(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What has changed behind allOf, oneOf, anyOf and additionalProperties is no mere description."""
    page = project / "behind.json"
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/A"},
            {"type": "object", "properties": {"description": {"type": "string"}}},
        ]
    }
    body = {"content": {"application/json": {"schema": schema}}}
    operation = {
        "requestBody": body,
        "responses": {"200": {"description": ""}, "default": {"$ref": "#/components/responses/Failed"}},
    }
    for kind in ("string", "integer"):
        components = {
            "schemas": {
                "A": {"type": "object", "properties": {"p": {"type": kind}}},
                "taskAnswer": {"type": "object"},
                "B": {"type": "array", "items": {"$ref": "#/components/schemas/taskAnswer"}},
            },
            "responses": {"Failed": {"description": "its own"}},
        }
        whole = {
            "openapi": "3.0.1",
            "info": {"title": "", "version": "1"},
            "paths": {"/kling/v1/n": {"post": operation}},
        }
        page.write_bytes(documents.dump({**whole, "components": components}))
        capsys.readouterr()
        assert run(project, page) == 0
    assert "request-body-all-of-changed, body" in capsys.readouterr().out
    made = documents.load(project / "generated" / "kling_gateway" / "openapi.json")
    assert made["paths"]["/kling/v1/n"]["post"]["responses"]["default"] == {"description": "its own"}
    assert {"TaskAnswer", "taskAnswerOfChainhubPostN"} <= made["components"]["schemas"].keys()
    assert made["components"]["schemas"]["B"]["items"] == {"$ref": "#/components/schemas/taskAnswerOfChainhubPostN"}
