"""Known URLs: their record, and checking whether their pages have changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline.ingest import digests
from pipeline.ingest.digests import SOURCES
from pipeline.ingest.refresh import check_sources, download_page
from pipeline.ingest.sources import Source, Validators, read_sources, update_sources, write_sources
from pipeline.spec.documents import DocumentError

from tests import pages
from tests.support.documentation_site import Answer, Site, documentation_site
from tests.support.regeneration import run, state

PAGE = "text2video.md"
CONTENT = pages.published(PAGE).read_bytes()
LATER = pages.later(PAGE)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with documentation_site() as running:
        yield running


def test_the_record_is_written_and_read(tmp_path: Path) -> None:
    """URL, ETag and date, sorted; no digest, for SHA256SUMS has it; no file without sources."""
    sources = {
        "b": Source("https://a.example/b.md", Validators('"1"', None)),
        "a": Source("https://a.example/a.md", Validators(None, "Wed, 25 Nov 2026 10:00:00 GMT")),
    }
    write_sources(tmp_path, sources)
    assert read_sources(tmp_path) == sources
    assert json.loads((tmp_path / SOURCES).read_text()) == {
        "a": {"url": "https://a.example/a.md", "last_modified": "Wed, 25 Nov 2026 10:00:00 GMT"},
        "b": {"url": "https://a.example/b.md", "etag": '"1"'},
    }
    assert digests.compute_digests(tmp_path) == {}
    write_sources(tmp_path, {})
    assert list(tmp_path.iterdir()) == []
    assert read_sources(tmp_path) == {}


@pytest.mark.parametrize("text", ["[]", "{", '{"a": {}}', '{"a": 1}'])
def test_a_broken_record_is_refused(tmp_path: Path, text: str) -> None:
    """With the way to restore it."""
    (tmp_path / SOURCES).write_text(text)
    with pytest.raises(DocumentError, match=r"^SOURCES.json: not a record of URLs; restore it from version control$"):
        read_sources(tmp_path)


def test_sources_follow_the_stored_pages() -> None:
    """A page that is gone takes its source with it; a new download replaces the old source."""
    old, new = (Source(f"https://a.example/{name}.md", Validators()) for name in ("old", "new"))
    assert update_sources({"a": old, "gone": old}, {"a": new, "b": new}, ["a", "b"]) == {"a": new, "b": new}


def test_each_url_is_checked_and_none_stops_another(site: Site) -> None:
    """Unchanged by ETag, unchanged by content, changed, missing, unreadable, failing."""
    same = site.publish("/etag.md", CONTENT, etag='"1"')
    equal = site.publish("/equal.md", CONTENT)
    changed = site.publish("/changed.md", LATER, etag='"2"')
    broken = site.publish("/broken.md", b"# nothing")
    site.pages["/failing.md"] = Answer(status=500)
    urls = {"a": same, "b": equal, "c": changed, "d": broken, "e": f"{site.url}/failing.md", "f": f"{site.url}/gone.md"}
    sources = {stem: Source(url, Validators('"1"', None)) for stem, url in urls.items()}
    checked = {each.stem: each for each in check_sources(sources, dict.fromkeys(urls, CONTENT))}
    states = {stem: each.state for stem, each in checked.items()}
    assert states == {
        "a": "unchanged",
        "b": "unchanged",
        "c": "changed",
        **dict.fromkeys(("d", "e", "f"), "not checked"),
    }
    page = checked["c"].page
    assert page is not None
    assert (page.name, page.content) == ("c.md", LATER)
    assert checked["c"].source.validators == Validators('"2"', None)
    assert "status 500" in str(checked["e"])
    assert str(checked["a"]) == f"{same}: unchanged"


def test_a_page_that_is_not_stored_is_downloaded_whole(site: Site) -> None:
    """Without its content, nothing can be said to be unchanged."""
    url = site.publish("/page.md", CONTENT, etag='"1"')
    (checked,) = check_sources({"a": Source(url, Validators('"1"', None))}, {})
    assert checked.state == "changed"


def test_a_signed_url_is_not_recorded(site: Site) -> None:
    """The page is read, but a signature must not be stored."""
    site.publish("/page.md?sig=0123", CONTENT)
    downloaded = download_page(f"{site.url}/page.md?sig=0123")
    assert downloaded.source is None
    assert downloaded.page.content == CONTENT


def test_pages_from_urls_are_ingested_and_refreshed(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the URL to generated/: stored byte for byte with its source, unchanged, then the later version."""
    project = pages.copy_project(tmp_path)
    supplied = project / "openapi" / "supplied"
    url = site.publish(f"/{PAGE}", CONTENT, etag='"1"')
    assert run(project, url) == 0
    assert "stored as" in capsys.readouterr().out
    ((stem, source),) = read_sources(supplied).items()
    assert source == Source(url, Validators('"1"', None))
    assert (supplied / f"{stem}.page.md").read_bytes() == CONTENT
    digests.verify_digests(supplied)

    before = state(project)
    assert run(project, "--refresh") == 0
    assert f"{url}: unchanged" in capsys.readouterr().out
    assert state(project) == before

    site.publish(f"/{PAGE}", LATER, etag='"2"')
    assert run(project, "--refresh") == 0
    assert f"{url}: changed" in capsys.readouterr().out
    assert (supplied / f"{stem}.page.md").read_bytes() == LATER
    assert read_sources(supplied)[stem].validators == Validators('"2"', None)
    assert run(project, "--check") == 0


def test_nothing_to_refresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no page has a URL, the report says that nothing was checked."""
    project = pages.copy_project(tmp_path)
    assert run(project, "--refresh") == 0
    assert "no stored page was downloaded from a URL, so none was checked" in capsys.readouterr().out
    assert run(project) == 0
    assert "downloaded from a URL" not in capsys.readouterr().out


def test_a_url_that_fails_changes_nothing(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, which does not show the query."""
    project = pages.copy_project(tmp_path)
    before = state(project)
    assert run(project, f"{site.url}/missing.md?token=0123456789") == 2
    printed = capsys.readouterr()
    assert "there is no such page" in printed.err
    assert "0123456789" not in printed.out + printed.err
    assert len(printed.err.rstrip("\n")) <= 200
    assert state(project) == before
