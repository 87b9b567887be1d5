"""Pages as chainhub publishes them: each alone, in pairs and all together, and the later version of each."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pipeline import regeneration
from pipeline.diff.report import REMOVED, Report
from pipeline.facts.wrapper import SENDS
from pipeline.generate import assemble
from pipeline.ingest import digests
from pipeline.ingest.pages import Page, parse_page
from pipeline.spec.operations import places

from tests.support.hypothesis_profiles import is_thorough

from . import pages

VOICES = [
    "create-custom-voice.md",
    "query-custom-voice.md",
    "list-custom-voices.md",
    "list-presets.md",
    "delete-voice.md",
]
# What each page is repaired or read differently in; the others are plain OpenAPI.
NOTES = {
    "identify-face.md": ["repaired: summary: Reply", "security"],
    "image2video.md": ["example"],
    "list-presets.md": ["requestBody"],
    "text-to-audio.md": ["repaired: description: Unit"],
    "text2video.md": ["repaired: description: Model name", "repaired: description: Value range"],
    "video-extend.md": ["nullable"],
}
# Pages that are read alone, too: in a quick run those of voices and those with notes. All together are always read.
ALONE = pages.NAMES if is_thorough() else sorted({*VOICES, *NOTES})
LATER = pages.NAMES if is_thorough() else VOICES


def _page(name: str) -> Page:
    return parse_page(name, pages.published(name).read_bytes())


def _ingest(openapi: Path, scratch: Path, *read: Page) -> Report:
    scratch.mkdir(parents=True)
    return regeneration.ingest(openapi, list(read), scratch)


def _contract(scratch: Path) -> dict[str, Any]:
    file = scratch / "generated" / "kling_gateway" / "contract.json"
    contract: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return contract


def _known(contract: dict[str, Any]) -> dict[str, Any]:
    """The known operations of a contract, without the words of pages."""
    text = {operation["operationId"]: operation for operation in places(contract).values()}
    return {
        name: {
            "statuses": sorted(text[name]["responses"]),
            "security": text[name].get("security", contract["security"]),
            "success": _bare(text[name]["responses"]["200"]["content"]["application/json"]["schema"]),
            "body": _bare(text[name].get("requestBody")),
            "parameters": text[name].get("parameters", []),
        }
        for name in SENDS
    }


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(each) for each in node]
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key != "description"}
    return node


def _needs_nobody(report: Report) -> None:
    """There is no contradiction, no line of the wrapper must change, and no operation is lost."""
    assert report.contradictions == ()
    assert report.misfits == ()
    assert [each.name for each in report.operations if each.change == REMOVED] == []
    assert {who for each in report.operations for who in each.all_affected()} == set()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The contract's description of the known operations before any page is ingested."""
    folder = tmp_path_factory.mktemp("before")
    _ingest(pages.copy_openapi(folder), folder / "scratch")
    return _known(_contract(folder / "scratch"))


@pytest.mark.parametrize("name", ALONE)
def test_a_page_alone(name: str, tmp_path: Path, known: dict[str, Any]) -> None:
    """A page needs no manual work, is stored unchanged, and removes no known fact."""
    openapi = pages.copy_openapi(tmp_path)
    report = _ingest(openapi, tmp_path / "first", _page(name))
    _needs_nobody(report)
    notes = " ".join(report.pages[0].notes)
    assert [each for each in NOTES.get(name, []) if each not in notes] == []
    stored = tmp_path / "first" / "openapi" / "supplied"
    digests.verify_digests(stored)
    assert pages.published(name).read_bytes() in [path.read_bytes() for path in stored.iterdir()]
    assert _known(_contract(tmp_path / "first")) == known


@pytest.mark.parametrize("name", LATER)
def test_the_later_version_of_a_page(name: str, tmp_path: Path, known: dict[str, Any]) -> None:
    """It replaces the page, needs no manual work either, and removes no known operation."""
    _ingest(pages.copy_openapi(tmp_path), tmp_path / "first", _page(name))
    later = _ingest(tmp_path / "first" / "openapi", tmp_path / "second", parse_page(name, pages.later(name)))
    _needs_nobody(later)
    assert later.pages[0].kind == "new version"
    assert _known(_contract(tmp_path / "second")).keys() == known.keys()


@pytest.mark.parametrize("pair", [*pairwise(VOICES), ("text2video.md", "query-text2video.md")], ids="+".join)
def test_pages_in_pairs(pair: tuple[str, str], tmp_path: Path, known: dict[str, Any]) -> None:
    """Two pages together give the same documents as one after the other."""
    openapi = pages.copy_openapi(tmp_path)
    _needs_nobody(_ingest(openapi, tmp_path / "both", *map(_page, pair)))
    _ingest(openapi, tmp_path / "first", _page(pair[0]))
    _needs_nobody(_ingest(tmp_path / "first" / "openapi", tmp_path / "second", _page(pair[1])))
    assert _contract(tmp_path / "both") == _contract(tmp_path / "second")
    assert _known(_contract(tmp_path / "both")) == known


def test_a_create_without_its_query_is_named(tmp_path: Path) -> None:
    """The report asks for the missing page of the query, and the gap of the voices stays open; then it is content."""
    openapi = pages.copy_openapi(tmp_path)
    missing = "post_videos_text2video creates tasks, and no page describes GET /kling/v1/videos/text2video/{id}"
    alone = _ingest(openapi, tmp_path / "alone", _page("text2video.md"))
    assert [each for each in alone.notices if each.startswith(missing)]
    assert alone.closed == ()
    both = _ingest(openapi, tmp_path / "both", _page("text2video.md"), _page("query-text2video.md"))
    assert not [each for each in both.notices if each.startswith(missing)]
    query = _ingest(openapi, tmp_path / "query", _page("query-custom-voice.md"))
    assert [each.gap.name for each in query.closed] == ["only the create"]


def test_all_pages_together(tmp_path: Path, known: dict[str, Any]) -> None:
    """All pages at once need no manual work and remove no known fact; each operation occurs once, with all errors."""
    openapi = pages.copy_openapi(tmp_path)
    _needs_nobody(_ingest(openapi, tmp_path / "all", *map(_page, pages.NAMES)))
    contract = _contract(tmp_path / "all")
    assert _known(contract) == known
    assert len(places(contract)) == len(pages.NAMES)
    for operation in places(contract).values():
        assert {"400", "401", "405", "429", "default"} <= operation["responses"].keys()
        assert operation.get("security", contract["security"]) == [{"bearer": []}]
    later = [parse_page(name, pages.later(name)) for name in pages.NAMES]
    _needs_nobody(_ingest(tmp_path / "all" / "openapi", tmp_path / "later", *later))
    assert (
        assemble.undecided(tmp_path / "later" / "openapi", assemble.named_document(tmp_path / "later" / "openapi"))
        == []
    )
