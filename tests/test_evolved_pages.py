"""Pages that may be published later: each is ingested, and the report says what it changes and who is affected."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from pipeline import regeneration
from pipeline.diff import as_text
from pipeline.ingest import digests
from pipeline.ingest.pages import parse_page
from pipeline.spec import documents
from pipeline.spec.limits import MOST_BYTES

from tests.support.regeneration import case_text, run, state, write_case
from tests.support.repository import OPENAPI

from . import evolved, pages

SUPPLIED = (pages.SUPPLIED / "chainhub-custom-voices.yaml").read_text(encoding="utf-8")

CASES = {name: case for kind in ("versions", "operations") for name, case in evolved.cases(kind).items()}


@pytest.mark.parametrize("name", CASES)
def test_the_report_of_a_page(name: str, tmp_path: Path) -> None:
    """The report, line by line, is the expected one."""
    page, text = case_text(name)
    openapi, scratch = pages.copy_openapi(tmp_path), tmp_path / "scratch"
    scratch.mkdir()
    found = regeneration.ingest(openapi, [parse_page(page, text.encode())], scratch)
    lines = [re.sub(r"requests\.py:\d+", "requests.py:LINE", line) for line in as_text.as_lines(found)]
    assert lines == CASES[name]["report"]


class Refused(NamedTuple):
    """A page that cannot be used."""

    name: str
    page: str
    text: str
    says: str


REFUSED = [Refused(name, **case) for name, case in evolved.cases("refused").items()]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A scratch copy of what a regeneration may change."""
    return pages.copy_project(tmp_path)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_cannot_be_ingested(case: Refused, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence that names the page and the place, exit code 2, and no file changed."""
    page = project / case.page
    page.write_text(case.text, encoding="utf-8")
    before = state(project)
    assert run(project, page) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("regenerate: ")
    assert printed.err.endswith("; nothing was changed\n")
    assert case.says in printed.err
    assert state(project) == before


@pytest.mark.parametrize("kind", ["missing", "directory", "huge", "latin-1"])
def test_files_that_are_no_pages(project: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """A file that is missing, a directory, too large or not text is refused in one sentence."""
    page = project / "page.yaml"
    if kind == "directory":
        page.mkdir()
    elif kind == "huge":
        page.write_bytes(b"#" * (MOST_BYTES + 1))
    elif kind == "latin-1":
        page.write_bytes(b"openapi: 3.0.1\ninfo: {title: \xe9}\n")
    assert run(project, page) == 2
    says = {
        "missing": "cannot be read",
        "directory": "is a directory",
        "huge": "the limit for a page",
        "latin-1": "UTF-8",
    }
    assert says[kind] in capsys.readouterr().err


def test_two_pages_of_one_operation(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two that say different things are refused by name; two that say the same are one."""
    for name in ("a.yaml", "b.yaml"):
        (project / name).write_text(SUPPLIED, encoding="utf-8")
    assert run(project, project / "a.yaml", project / "b.yaml") == 0
    (project / "b.yaml").write_text(SUPPLIED.replace("Timbre", "Voice"), encoding="utf-8")
    assert run(project, project / "a.yaml", project / "b.yaml") == 2
    assert "a.yaml and b.yaml both describe POST /kling/v1/general/custom-voices" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["property added", "path changed", "presets, a companion until now"])
def test_ingested(project: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is stored byte for byte with its digest, nothing has drifted, and a second time nothing changes."""
    page = write_case(project, name)
    assert run(project, page) == 0
    stored = {path.read_bytes() for path in (project / "openapi" / "supplied").iterdir()}
    assert page.read_bytes() in stored
    digests.verify_digests(project / "openapi" / "supplied")
    assert run(project, "--check") == 0
    capsys.readouterr()
    before = state(project)
    assert run(project, page) == 0
    printed = capsys.readouterr().out
    assert "unchanged" in printed
    assert "34 files in generated/, 0 changed" in printed or "0 changed" in printed
    assert state(project) == before


def test_a_markdown_page_leaves_its_document_beside_it(project: Path) -> None:
    """As the first page was supplied: the page, and the text of its fenced block."""
    text = f"# Custom tone\n\n```yaml\n{SUPPLIED.replace('Timbre', 'Voice')}```\n"
    (project / "new.md").write_text(text, encoding="utf-8")
    assert run(project, project / "new.md") == 0
    supplied = project / "openapi" / "supplied"
    assert (supplied / "chainhub-custom-voices.page.md").read_text(encoding="utf-8") == text
    assert (supplied / "chainhub-custom-voices.yaml").read_text(encoding="utf-8") == SUPPLIED.replace("Timbre", "Voice")


def test_an_operation_that_goes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parts that a new version of a page omits are reported as removed, with the affected users."""
    page = write_case(project, "names that read alike")
    assert run(project, page) == 0
    capsys.readouterr()
    whole = documents.load(page)
    del whole["paths"]["/kling/v1/class/import"]
    page.write_bytes(documents.dump(whole))
    assert run(project, page) == 0
    assert "delete_class_import (DELETE /kling/v1/class/import): removed; affects SDK users" in capsys.readouterr().out


def test_a_companion_comes_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If no page describes a known operation now, the entry of `companions.yaml` is used again."""
    page = write_case(project, "an operation that nobody knew")
    whole = documents.load(page)
    presets = documents.load(write_case(project, "presets that take no pages"))
    page.write_bytes(documents.dump({**whole, "paths": {**whole["paths"], **presets["paths"]}}))
    assert run(project, page) == 0
    page.write_bytes(documents.dump(whole))
    capsys.readouterr()
    assert run(project, page) == 0
    assert (
        "no page describes list_preset_voices now; openapi/companions.yaml describes it again"
        in capsys.readouterr().out
    )
    assert run(project, "--check") == 0


def test_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document on stdout, with every change, its direction and who is affected."""
    assert run(project, write_case(project, "several at once"), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    (operation,) = printed["operations"]
    assert (operation["operation"], operation["method"], operation["change"]) == (
        "create_custom_voice",
        "POST",
        "changed",
    )
    removed = operation["changes"][0]
    assert removed == {
        "kind": "request-property-removed",
        "direction": "request",
        "where": "body.callback_url",
        "before": "string",
        "after": None,
        "renamed_to": None,
        "affects": ["SDK users", "the wrapper"],
        "kept": False,
    }
    assert [gap["gap"] for gap in printed["gaps"]["closed"]] == ["no error responses"]
    assert printed["pages"] == [
        {
            "page": "page.yaml",
            "kind": "new version",
            "gateway": "chainhub",
            "stored_as": "chainhub-custom-voices",
            "replaces": ["chainhub-custom-voices"],
            "notes": [],
        }
    ]
    assert "edited: openapi/supplied/chainhub-custom-voices.yaml" in printed["files"]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_where_the_report_cannot_be_printed(project: Path, encoding: str) -> None:
    """It is said that the work is done, and not that nothing was changed."""
    if encoding == "utf-8" and not Path("/dev/full").exists():
        pytest.skip(f"{sys.platform} has no /dev/full")
    page = write_case(project, "type changed")
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
