"""Check the URLs that pages were downloaded from, and find those that have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from attrs import evolve, frozen

from ..spec.documents import DocumentError
from .download import Download, download, is_signed, without_query
from .pages import Page, parse_page
from .sources import Source, Validators

CHANGED, UNCHANGED, FAILED = "changed", "unchanged", "not checked"
Fetch = Callable[[str, Validators | None], Download | None]


@frozen
class DownloadedPage:
    """A page and its source; there is no source if its URL contains a signature."""

    page: Page
    source: Source | None


@frozen
class Checked:
    """The result of checking a known URL."""

    stem: str
    """Of the stored page."""
    state: str
    """`changed`, `unchanged` or `not checked`."""
    source: Source
    """With the validators of the version that is there now."""
    page: Page | None = None
    """The new version, if it has changed."""
    reason: str = ""
    """Why it was not checked, in one sentence."""

    def __str__(self) -> str:
        """One line for a report."""
        return f"{without_query(self.source.url)}: {self.state}{f' ({self.reason})' if self.reason else ''}"


def download_page(url: str, fetch: Fetch = download) -> DownloadedPage:
    """The page at a URL. Raises DocumentError if it cannot be downloaded or read."""
    found = fetch(url, None)
    if found is None:  # impossible, because the request had no condition
        raise DocumentError(f"{without_query(url)}: the site sent no page")
    source = None if is_signed(url) else Source(url, found.validators)
    return DownloadedPage(parse_page(found.name, found.content), source)


def check_sources(sources: Mapping[str, Source], stored: Mapping[str, bytes], fetch: Fetch = download) -> list[Checked]:
    """Check at each site whether its page has changed. A failure is listed, and does not stop the other checks.

    Args:
        sources: Stem → source of each page that was downloaded.
        stored: Stem → the bytes of the page as it is stored.
        fetch: Downloads a page, or gives None if it has not changed.
    """
    return [_check(stem, source, stored.get(stem), fetch) for stem, source in sources.items()]


def _check(stem: str, source: Source, content: bytes | None, fetch: Fetch) -> Checked:
    try:
        found = fetch(source.url, source.validators if content is not None else None)
        if found is None:
            return Checked(stem, UNCHANGED, source)
        current = evolve(source, validators=found.validators)
        if found.content == content:
            return Checked(stem, UNCHANGED, current)
        name = f"{stem}{PurePosixPath(found.name).suffix}"  # pages of several sites can have the same file name
        return Checked(stem, CHANGED, current, parse_page(name, found.content))
    except DocumentError as error:
        return Checked(stem, FAILED, source, reason=str(error))
