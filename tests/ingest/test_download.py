"""Downloading pages, from a documentation site on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from threading import Event

import httpx
import pytest
from pipeline.ingest.download import Download, download, is_signed, is_url, page_name, without_query
from pipeline.ingest.sources import Validators
from pipeline.spec.documents import DocumentError
from pipeline.spec.limits import MOST_BYTES
from pipeline.spec.refusals import LONGEST

from tests.support.documentation_site import Answer, Site, documentation_site

MARKDOWN = {"Content-Type": "text/markdown"}
SECRET = "0123456789abcdef"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with documentation_site() as running:
        yield running


def _refusal(url: str, **options: float) -> str:
    with pytest.raises(DocumentError) as caught:
        download(url, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert len(message) <= LONGEST
    assert "\n" not in message
    return message


def test_a_page_is_downloaded_byte_for_byte(site: Site) -> None:
    """With its name and what it can be recognised by; no cookie, key or user is sent."""
    url = site.publish("/kling/123e0.md", "ä\r\n".encode(), etag='"1"')
    assert download(url) == Download("123e0.md", "ä\r\n".encode(), Validators('"1"', None))
    ((_, headers),) = site.requests
    assert headers.keys() <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_a_known_version_is_not_sent_again(site: Site) -> None:
    """304 means unchanged; another version is sent."""
    url = site.publish("/page.md", b"a", etag='"1"')
    assert download(url, Validators('"1"', None)) is None
    assert download(url, Validators('"0"', "Wed, 25 Nov 2026 10:00:00 GMT")) is not None
    assert site.requests[-1][1]["if-modified-since"] == "Wed, 25 Nov 2026 10:00:00 GMT"


def test_304_without_a_condition_is_a_failure(site: Site) -> None:
    """There is no stored page that could be unchanged."""
    site.pages["/page.md"] = Answer(status=304)
    assert "did not send the page (status 304)" in _refusal(f"{site.url}/page.md")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "asks for a login"),
        (403, "refuses access"),
        (404, "there is no such page"),
        (410, "was removed"),
        (418, "did not send the page"),
        (429, "limits requests"),
        (500, "the site failed"),
        (503, "the site failed"),
        (204, "did not send the page"),
    ],
)
def test_a_status_that_is_no_page(site: Site, status: int, reason: str) -> None:
    """One sentence with the URL, the cause and the status."""
    site.pages["/page.md"] = Answer(b"# a page" if status != 204 else b"", status=status, headers=MARKDOWN)
    message = _refusal(f"{site.url}/page.md")
    assert message.startswith(f"{site.url}/page.md: ")
    assert f"{reason}" in message
    assert f"(status {status})" in message


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("text/html; charset=utf-8", b"<html>", "this is HTML"),
        ("text/plain", b"  <!DOCTYPE html><html>", "this is HTML"),
        ("image/png", b"\x89PNG", "this is image/png"),
        ("text/markdown", b"\xff\xfe", "not text in UTF-8"),
        ("application/octet-stream", b"a\0b", "not text"),
    ],
)
def test_what_is_no_text(site: Site, kind: str, body: bytes, reason: str) -> None:
    """HTML instead of Markdown, pictures, other encodings."""
    site.pages["/page.md"] = Answer(body, headers={"Content-Type": kind})
    assert reason in _refusal(f"{site.url}/page.md")


@pytest.mark.parametrize("kind", ["application/yaml", "text/x-yaml", "application/json", "application/octet-stream"])
def test_types_of_text(site: Site, kind: str) -> None:
    """What sites call Markdown, YAML and JSON."""
    site.pages["/page.yaml"] = Answer(b"a: 1", headers={"Content-Type": kind})
    assert download(f"{site.url}/page.yaml") is not None


def test_a_page_that_is_too_large(site: Site) -> None:
    """By its announced length, which is not waited for, and by what is sent."""
    headers = {**MARKDOWN, "Content-Length": str(MOST_BYTES + 1)}
    site.pages["/announced.md"] = Answer(b"", headers=headers)
    site.pages["/sent.md"] = Answer(lambda: repeat(b"x" * 50_000, 21), headers=MARKDOWN)
    site.pages["/allowed.md"] = Answer(lambda: repeat(b"x" * 50_000, 20), headers=MARKDOWN)
    assert "larger than" in _refusal(f"{site.url}/announced.md")
    assert "larger than" in _refusal(f"{site.url}/sent.md")
    assert download(f"{site.url}/allowed.md") is not None


def test_a_body_that_never_ends(site: Site) -> None:
    """The size limit ends a fast one, the deadline a slow one."""
    site.pages["/page.md"] = Answer(lambda: repeat(b"x" * 1000), headers=MARKDOWN)
    assert "larger than" in _refusal(f"{site.url}/page.md")
    times = chain([0.0], repeat(61.0))
    with pytest.raises(DocumentError, match="did not end within 60 seconds"):
        download(f"{site.url}/page.md", monotonic=lambda: next(times))


def test_a_site_that_does_not_answer(site: Site) -> None:
    """The time limit is for silence."""
    done = Event()
    site.pages["/page.md"] = Answer(b"a", headers=MARKDOWN, waits_for=lambda: done.wait(5))
    assert "did not answer in time" in _refusal(f"{site.url}/page.md", timeout=0.05)
    done.set()


def test_nobody_listens() -> None:
    """A site that is not there."""
    with documentation_site() as gone:
        url = f"{gone.url}/page.md"
    assert "cannot be downloaded" in _refusal(url)


def _redirect(site: Site, path: str, target: str, status: int = 302) -> str:
    site.pages[path] = Answer(status=status, headers={"Location": target, "Set-Cookie": "a=b; Path=/"})
    return f"{site.url}{path}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_without_cookies(site: Site, status: int) -> None:
    """Redirects on the same site are followed, also to a relative URL; the page is named after the final URL."""
    site.publish("/new.md", b"a")
    assert download(_redirect(site, "/old.md", "/new.md", status)) == Download("new.md", b"a", Validators())
    assert all("cookie" not in headers for _, headers in site.requests)


@pytest.mark.parametrize(
    "target", ["http://docs.example.com/page.md", "ftp://docs.example.com/page.md", "file:///etc/hosts"]
)
def test_a_redirect_to_something_unencrypted_is_refused(site: Site, target: str) -> None:
    """Nothing is sent to such a URL."""
    message = _refusal(_redirect(site, "/page.md", target))
    assert "redirects to this URL" in message
    assert len(site.requests) == 1


def test_redirects_end(site: Site) -> None:
    """A circle is no page."""
    assert "more than 5 redirects" in _refusal(_redirect(site, "/a.md", "/a.md"))
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://docs.example.com/page.md", "only https URLs are downloaded"),
        ("ftp://docs.example.com/page.md", "only https URLs are downloaded"),
        ("https://ada:secret@docs.example.com/page.md", "the URL contains a user or a password"),
        ("https:///page.md", "the URL has no host"),
        ("https://[::1/page.md", "not a URL"),
    ],
)
def test_urls_that_are_not_read(url: str, reason: str) -> None:
    """Before anything is sent; a password is not shown."""
    message = _refusal(url)
    assert reason in message
    assert "secret" not in message


def test_the_query_of_a_url_is_never_shown(site: Site) -> None:
    """For any failure, on the site itself or after a redirect, because a query can be a signature."""
    query = f"?X-Amz-Signature={SECRET}"
    failing = [
        f"{site.url}/missing.md{query}",
        _redirect(site, "/a.md", f"http://docs.example.com/page.md{query}"),
        f"http://docs.example.com/page.md{query}",
        f"https://u:{SECRET}@docs.example.com/{query}",
    ]
    site.pages[f"/html.md{query}"] = Answer(b"<html>", headers={"Content-Type": "text/html"})
    for url in [*failing, f"{site.url}/html.md{query}"]:
        assert SECRET not in _refusal(url)


def test_an_exception_that_quotes_a_url_does_not_show_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of httpx are cut."""

    def fail(*_: object, **__: object) -> None:
        raise httpx.ConnectError(f"no route to https://docs.example.com/?sig={SECRET}")

    monkeypatch.setattr(httpx.Client, "stream", fail)
    message = _refusal(f"{site.url}/page.md")
    assert SECRET not in message
    assert "no route to the URL" in message


def test_signed_urls_are_recognised() -> None:
    """By the names of parameters, or by values as long as a signature."""
    assert is_signed(f"https://a.example/page.md?Expires=1&Signature={SECRET}")
    assert is_signed(f"https://a.example/page.md?x={SECRET * 2}")
    assert not is_signed("https://a.example/page.md?lang=en")


def test_names_of_pages() -> None:
    """The format follows from the path; Markdown is the default."""
    assert page_name("https://a.example/b/page.md?x=1") == "page.md"
    assert page_name("https://a.example/b/c.yaml") == "c.yaml"
    assert page_name("https://a.example/b/api%20one") == "api one.md"
    assert page_name("https://a.example/") == "page.md"


def test_urls_and_files_are_told_apart() -> None:
    """A Windows path is no URL."""
    assert is_url("https://a.example/page.md")
    assert not is_url("page.md")
    assert not is_url(r"C:\pages\page.md")
    assert without_query("https://u:p@a.example:8443/b.md?c=d#e") == "https://a.example:8443/b.md"
