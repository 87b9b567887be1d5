"""The pages that a command names: files, URLs, and known URLs that have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import evolve, field, frozen

from ..spec.naming import unique_name
from .download import download, is_url
from .pages import Page, read_page
from .refresh import Checked, Fetch, check_sources, download_page
from .sources import Source, read_sources
from .store import stored_content


@frozen
class Collected:
    """Pages to ingest, and where they were downloaded from.

    Attributes:
        pages: The pages.
        sources: Page's name → its source; files have none.
        known: Stem → source of the stored pages, with the validators of the versions that were checked.
        checked: What happened to each known URL.
        is_refresh: Whether known URLs were to be checked.
    """

    pages: list[Page] = field(factory=list)
    sources: dict[str, Source] = field(factory=dict)
    known: dict[str, Source] = field(factory=dict)
    checked: tuple[Checked, ...] = ()
    is_refresh: bool = False

    def notices(self) -> Iterator[str]:
        """What the report says about known URLs."""
        if self.is_refresh and not self.checked:
            yield "no stored page was downloaded from a URL, so none was checked; pass the URL of a page once"
        yield from map(str, self.checked)


def collect(supplied: Path, arguments: Iterable[str], *, refresh: bool = False, fetch: Fetch = download) -> Collected:
    """The pages that the arguments name.

    Args:
        supplied: The folder of supplied documents.
        arguments: Paths and URLs.
        refresh: Whether known URLs are checked, too.
        fetch: Downloads a page, or returns None if it has not changed.

    Raises:
        DocumentError: If a page cannot be read or downloaded; a known URL that fails is only listed.
    """
    known = read_sources(supplied)
    collected = Collected(known=dict(known))
    if refresh:
        checked = tuple(check_sources(known, stored_content(supplied), fetch))
        collected.known.update({each.stem: each.source for each in checked})
        changed = {each.page.name: each for each in checked if each.page is not None}
        pages = [each.page for each in changed.values() if each.page is not None]
        sources = {name: each.source for name, each in changed.items()}
        collected = Collected(pages, sources, collected.known, checked, is_refresh=True)
    for argument in arguments:
        if is_url(argument):
            downloaded = download_page(argument, fetch)
            page = evolve(downloaded.page, name=_unique(downloaded.page.name, collected.pages))
            collected.pages.append(page)
            if downloaded.source is not None:
                collected.sources[page.name] = downloaded.source
        else:
            collected.pages.append(read_page(Path(argument)))
    return collected


def _unique(name: str, pages: list[Page]) -> str:
    """A page's name that no other has: pages of several sites can have the same file name."""
    path, taken = Path(name), {page.name for page in pages}
    return unique_name(path.stem, lambda stem: f"{stem}{path.suffix}" in taken, separator="-") + path.suffix
