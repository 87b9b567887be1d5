"""Pages as they may yet be published: each is taken in, and the report says what it changes, and for whom."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import regenerate
from pipeline import regeneration
from pipeline.diff import report
from pipeline.ingest import digests, pages
from pipeline.ingest.pages import Page
from pipeline.spec import documents

from tests.support.repository import OPENAPI, ROOT

from . import evolved

SUPPLIED = (OPENAPI / "supplied" / "chainhub-custom-voices.yaml").read_text(encoding="utf-8")


class Case(NamedTuple):
    """A page, and what is said of it."""

    name: str
    page: Page
    report: list[str]


def _cases() -> Iterator[Case]:
    for name, case in evolved.cases("versions").items():
        yield Case(name, pages.parse_page("page.yaml", evolved.edited(case).encode()), case.get("report", []))
    for name, case in evolved.cases("operations").items():
        yield Case(name, pages.parse_page(case["page"], case["text"].encode()), case.get("report", []))


CASES = list(_cases())


def told(case: Any, folder: Path) -> list[str]:
    """What the regeneration says of a case."""
    return report.as_lines(regeneration.ingest(OPENAPI, [case.page], folder))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_page(case: Case, tmp_path: Path) -> None:
    """The report, line by line, is the expected one."""
    assert told(case, tmp_path) == case.report


class Refused(NamedTuple):
    """A page that cannot be taken in."""

    name: str
    page: str
    text: str
    says: str


REFUSED = [Refused(name, **case) for name, case in evolved.cases("refused").items()]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what a regeneration may change."""
    shutil.copytree(OPENAPI, tmp_path / "openapi", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "generated", tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _state(project: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, hidden ones too, with its content and when it was written."""
    return {
        path.relative_to(project).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for folder in ("openapi", "generated")
        for path in [*(project / folder).rglob("*"), *project.glob(".*")]
        if path.is_file()
    }


def _regenerate(project: Path, *arguments: str | Path) -> int:
    folders = ("--openapi", str(project / "openapi"), "--generated", str(project / "generated"))
    return regenerate.main([*folders, *map(str, arguments)])


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_cannot_be_taken_in(case: Refused, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence that names the page and the place, exit code 2, and every file as it was."""
    page = project / case.page
    page.write_text(case.text, encoding="utf-8")
    before = _state(project)
    assert _regenerate(project, page) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith("regenerate: ")
    assert told.err.endswith("; nothing was changed\n")
    assert case.says in told.err
    assert _state(project) == before


@pytest.mark.parametrize("kind", ["missing", "directory", "huge", "latin-1"])
def test_files_that_are_no_pages(project: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """A file that is missing, a directory, too large or not text is refused in one sentence."""
    page = project / "page.yaml"
    if kind == "directory":
        page.mkdir()
    elif kind == "huge":
        page.write_bytes(b"#" * 2_000_001)
    elif kind == "latin-1":
        page.write_bytes(b"openapi: 3.0.1\ninfo: {title: \xe9}\n")
    assert _regenerate(project, page) == 2
    says = {"missing": "cannot be read", "directory": "is a directory", "huge": "a page of up to", "latin-1": "UTF-8"}
    assert says[kind] in capsys.readouterr().err


def test_two_pages_of_one_operation(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two that say different things are refused by name; two that say the same are one."""
    for name in ("a.yaml", "b.yaml"):
        (project / name).write_text(SUPPLIED, encoding="utf-8")
    assert _regenerate(project, project / "a.yaml", project / "b.yaml") == 0
    (project / "b.yaml").write_text(SUPPLIED.replace("Timbre", "Voice"), encoding="utf-8")
    assert _regenerate(project, project / "a.yaml", project / "b.yaml") == 2
    assert "a.yaml and b.yaml both describe POST /kling/v1/general/custom-voices" in capsys.readouterr().err


def _write(project: Path, name: str) -> Path:
    case = next(case for case in CASES if case.name == name)
    path = project / case.page.name
    path.write_bytes(case.page.content)
    return path


@pytest.mark.parametrize("name", ["property added", "path changed", "presets, a companion until now"])
def test_taken_in(project: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is stored byte for byte with its digest, nothing has drifted, and a second time nothing changes."""
    page = _write(project, name)
    assert _regenerate(project, page) == 0
    stored = {path.read_bytes() for path in (project / "openapi" / "supplied").iterdir()}
    assert page.read_bytes() in stored
    digests.verify_digests(project / "openapi" / "supplied")
    assert _regenerate(project, "--check") == 0
    capsys.readouterr()
    before = _state(project)
    assert _regenerate(project, page) == 0
    told = capsys.readouterr().out
    assert "unchanged" in told
    assert "34 files in generated/, 0 changed" in told or "0 changed" in told
    assert _state(project) == before


def test_a_markdown_page_leaves_its_document_beside_it(project: Path) -> None:
    """As the first page was supplied: the page, and the text of its fenced block."""
    text = f"# Custom tone\n\n```yaml\n{SUPPLIED.replace('Timbre', 'Voice')}```\n"
    (project / "new.md").write_text(text, encoding="utf-8")
    assert _regenerate(project, project / "new.md") == 0
    supplied = project / "openapi" / "supplied"
    assert (supplied / "chainhub-custom-voices.page.md").read_text(encoding="utf-8") == text
    assert (supplied / "chainhub-custom-voices.yaml").read_text(encoding="utf-8") == SUPPLIED.replace("Timbre", "Voice")


def test_names_stay(project: Path) -> None:
    """However pages name and move them, the operations that the wrapper uses keep their names and arguments."""
    page = _write(project, "query one, with another name of the id")
    assert _regenerate(project, page) == 0
    moved = page.read_text(encoding="utf-8").replace("/kling/v1/general/custom-voices/{task_id}", "/kling/v3/{task_id}")
    # The summary, the body and the tool's number all fail to tell it: it has none. An operationId does.
    page.write_text(moved, encoding="utf-8")
    assert _regenerate(project, page, _write(project, "path changed")) == 0
    folder = project / "generated" / "kling_gateway" / "api" / "voices"
    assert 'url": "/kling/v3/{id}"' in (folder / "get_custom_voice.py").read_text(encoding="utf-8")
    assert 'url": "/kling/v2/voices"' in (folder / "create_custom_voice.py").read_text(encoding="utf-8")
    assert len(list(folder.glob("*_voice*.py"))) == 5
    assert _regenerate(project, "--check") == 0


def test_an_operation_that_goes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a new version of a page leaves out is reported as removed, and for whom that breaks."""
    page = _write(project, "names that read alike")
    assert _regenerate(project, page) == 0
    capsys.readouterr()
    whole = documents.load(page)
    del whole["paths"]["/kling/v1/class/import"]
    page.write_bytes(documents.dump(whole))
    assert _regenerate(project, page) == 0
    assert "delete_class_import (DELETE /kling/v1/class/import): removed; breaks SDK users" in capsys.readouterr().out


def test_a_companion_comes_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When no page has an operation any more that was a companion, the companion stands in for it again."""
    page = _write(project, "an operation that nobody knew")
    whole = documents.load(page)
    presets = documents.load(_write(project, "presets that take no pages"))
    page.write_bytes(documents.dump({**whole, "paths": {**whole["paths"], **presets["paths"]}}))
    assert _regenerate(project, page) == 0
    page.write_bytes(documents.dump(whole))
    capsys.readouterr()
    assert _regenerate(project, page) == 0
    assert "list_preset_voices is in no page any more; its companion stands in for it again" in capsys.readouterr().out
    assert _regenerate(project, "--check") == 0


def test_the_contract_keeps_what_a_companion_knew(project: Path) -> None:
    """A page that says less takes no teeth from the contract; the client is made from the page alone."""
    assert _regenerate(project, _write(project, "presets that take no pages")) == 0
    package = project / "generated" / "kling_gateway"
    place = ("paths", "/kling/v1/general/presets-voices", "get")
    held, page = (_at(documents.load(package / name), *place) for name in ("contract.json", "openapi.json"))
    assert set(page["responses"]) == {"200"}
    assert set(held["responses"]) >= {"200", "400", "401", "429", "default"}
    assert _at(held, "responses", "200", "content", "application/json", "schema") == {
        "$ref": "#/components/schemas/TasksAnswer"
    }
    assert [parameter["schema"]["maximum"] for parameter in held["parameters"]] == [1000, 1000]


def _at(document: dict[str, Any], *steps: str) -> Any:
    found: Any = document
    for step in steps:
        found = found[step]
    return found


def test_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document on stdout, with every change, its direction and for whom it breaks."""
    assert _regenerate(project, _write(project, "several at once"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (operation,) = told["operations"]
    assert (operation["operation"], operation["method"], operation["change"]) == (
        "create_custom_voice",
        "POST",
        "changed",
    )
    removed = operation["changes"][0]
    assert removed == {
        "kind": "property removed",
        "direction": "request",
        "where": "body.callback_url",
        "before": "string",
        "after": None,
        "breaks": ["SDK users", "the wrapper"],
    }
    assert [gap["gap"] for gap in told["gaps"]["closed"]] == ["no error answers"]
    assert told["pages"] == [
        {
            "page": "page.yaml",
            "is": "new version",
            "stored_as": "chainhub-custom-voices",
            "replaces": ["chainhub-custom-voices"],
        }
    ]
    assert "edited: openapi/supplied/chainhub-custom-voices.yaml" in told["files"]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a page makes of the folders, in a scratch folder."""
    scratch = tmp_path_factory.mktemp("staged")
    case = next(case for case in CASES if case.name == "path changed")
    regeneration.ingest(OPENAPI, [case.page], scratch)
    return scratch


COPY_TREE = shutil.copytree


def COPY(source: str, target: str) -> None:  # noqa: N802
    """Copy a file while `shutil.copyfile` is made to fail."""
    Path(target).write_bytes(Path(source).read_bytes())


@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"]
)
@pytest.mark.parametrize("at", [*(("copyfile", n) for n in (0, 1, 5, 20)), *(("rename", n) for n in range(6))])
def test_all_or_nothing(
    project: Path,
    staged: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    at: tuple[str, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk or Ctrl-C at any of the copies and renames leaves every file as it was, and nothing beside it."""
    page, calls = _write(project, "path changed"), iter(range(1000))

    def failing(does: Callable[..., Any]) -> Callable[..., Any]:
        def maybe(*args: Any, **kwargs: Any) -> Any:
            if next(calls) == at[1]:
                raise failure
            return does(*args, **kwargs)

        return maybe

    def ingest(_openapi: Path, _pages: list[Page], scratch: Path) -> report.Report:
        for folder in staged.iterdir():
            COPY_TREE(folder, scratch / folder.name, copy_function=COPY)
        return report.Report()

    before = _state(project)
    with monkeypatch.context() as patch:
        patch.setattr(regeneration, "ingest", ingest)
        owner = shutil if at[0] == "copyfile" else Path
        patch.setattr(owner, at[0], failing(getattr(owner, at[0])))
        code = _regenerate(project, page)
    assert next(calls) > at[1], "three places are replaced, by a copy and two renames each"
    assert (code, _state(project)) == (2 if isinstance(failure, OSError) else 130, before)
    assert "nothing was changed" in capsys.readouterr().err


def _operation_page(project: Path, name: str, *paths: str) -> Path:
    page = project / name
    operations = {path: {"post": {"responses": {"200": {"description": ""}}}} for path in paths}
    page.write_bytes(documents.dump({"openapi": "3.0.1", "info": {"title": "", "version": "1"}, "paths": operations}))
    return page


def _names(project: Path) -> dict[str, str]:
    paths = documents.load(project / "generated" / "kling_gateway" / "openapi.json")["paths"]
    return {path: item["post"]["operationId"] for path, item in paths.items() if "post" in item and "/a" in path}


def test_no_page_renames_an_operation(project: Path) -> None:
    """Paths that read alike keep their names when the order changes, when a page goes, and when one moves."""
    both = _operation_page(project, "both.json", "/kling/v1/a-b", "/kling/v1/a_b")
    assert _regenerate(project, both) == 0
    named = {"/kling/v1/a-b": "post_a_b", "/kling/v1/a_b": "post_a_b_2"}
    assert _names(project) == named
    assert _regenerate(project, _operation_page(project, "both.json", "/kling/v1/a_b", "/kling/v1/a-b")) == 0
    assert _names(project) == named
    assert _regenerate(project, _operation_page(project, "both.json", "/kling/v1/a_b")) == 0
    assert _names(project) == {"/kling/v1/a_b": "post_a_b_2"}
    assert _regenerate(project, _operation_page(project, "third.json", "/kling/v1/aB")) == 0
    assert _names(project) == {"/kling/v1/a_b": "post_a_b_2", "/kling/v1/aB": "post_a_b"}
    assert _regenerate(project, "--check") == 0


def test_a_moved_operation_may_rename_its_parameter_and_go(project: Path) -> None:
    """The names overlay follows an operation wherever it goes, and forgets it when no page has it any more."""
    overlay = project / "openapi" / "names.overlay.yaml"
    first = overlay.read_text(encoding="utf-8")
    text = next(case for case in CASES if case.name.startswith("query one")).page.text
    text = text.replace("    get:\n", "    get:\n      x-run-in-apifox: https://app.apifox.com/web/apis/api-7-run\n")
    page = project / "query.yaml"
    places = ("general/custom-voices/{task_id}", "v3/{task_id}", "v3/{vid}")
    for place in places:
        moved = text.replace("general/custom-voices/{task_id}", place)
        page.write_text(moved.replace("name: task_id", "name: vid") if "vid" in place else moved, encoding="utf-8")
        assert _regenerate(project, page) == 0, place
    assert "Has moved from" in overlay.read_text(encoding="utf-8")
    whole = documents.load(page)
    whole["paths"]["/kling/v1/other"] = {"post": {"responses": {"200": {"description": ""}}}}
    page.write_bytes(documents.dump(whole))
    assert _regenerate(project, page) == 0
    whole["paths"] = {"/kling/v1/other": whole["paths"]["/kling/v1/other"]}
    page.write_bytes(documents.dump(whole))
    assert _regenerate(project, page) == 0
    assert overlay.read_text(encoding="utf-8") == first
    assert _regenerate(project, "--check") == 0


def test_what_stays_has_not_moved(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A copy of the create elsewhere is another operation while the create is there; two copies are refused."""
    here, there = project / "here.yaml", project / "there.yaml"
    here.write_text(SUPPLIED.replace("/kling/v1/general/custom-voices:", "/kling/v3/voices:"), encoding="utf-8")
    there.write_text(SUPPLIED.replace("/kling/v1/general/custom-voices:", "/kling/v2/voices:"), encoding="utf-8")
    assert _regenerate(project, here, there) == 2
    assert "both describe what was POST /kling/v1/general/custom-voices" in capsys.readouterr().err
    here.write_text(SUPPLIED.replace("Timbre", "Voice"), encoding="utf-8")
    assert _regenerate(project, here, there) == 0
    api = project / "generated" / "kling_gateway" / "api"
    assert "general/custom-voices" in (api / "voices" / "create_custom_voice.py").read_text(encoding="utf-8")
    assert (api / "v2" / "post_v2_voices.py").exists()


def test_components_that_all_refer_to_each_other(project: Path) -> None:
    """Comparing takes no longer for the ways in which components reach each other, of which there are millions."""
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
        assert _regenerate(project, page) == 0


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
        assert _regenerate(project, page) == 0
    assert "alternatives changed, body" in capsys.readouterr().out
    made = documents.load(project / "generated" / "kling_gateway" / "openapi.json")
    assert made["paths"]["/kling/v1/n"]["post"]["responses"]["default"] == {"description": "its own"}
    assert {"TaskAnswer", "taskAnswerOfGatewayPostN"} <= made["components"]["schemas"].keys()
    assert made["components"]["schemas"]["B"]["items"] == {"$ref": "#/components/schemas/taskAnswerOfGatewayPostN"}


def test_a_link_stays_a_link(project: Path) -> None:
    """Where the folder to write is a link, what it leads to is written."""
    (project / "generated").rename(project / "elsewhere")
    (project / "generated").symlink_to("elsewhere")
    assert _regenerate(project, _write(project, "property added")) == 0
    assert (project / "generated").is_symlink()
    assert sorted(path.name for path in project.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_where_the_report_cannot_be_printed(project: Path, encoding: str) -> None:
    """It is said that the work is done, and not that nothing was changed."""
    page = _write(project, "type changed")
    command = [sys.executable, str(OPENAPI / "regenerate.py"), "--openapi", str(project / "openapi")]
    with Path("/dev/full" if encoding == "utf-8" else "/dev/null").open("w", encoding="utf-8") as nowhere:
        done = subprocess.run(
            [*command, "--generated", str(project / "generated"), str(page)],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            stdout=nowhere,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, "nothing was changed" in done.stderr) == (0, False)
    assert ("done, but the report could not be printed" in done.stderr) is (encoding == "utf-8")
