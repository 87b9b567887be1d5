"""The folder of supplied documents: what is stored there, and where a page that arrives is put."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

from ..generate.names import name_of
from ..spec import documents
from ..spec.documents import Document, DocumentError
from ..spec.merge import merge
from ..spec.operations import Place, operations, places
from ..spec.unique_names import unique_name
from . import digests
from .identify import match_operations
from .pages import Page, parse_openapi
from .servers import host_of

_BARE = (".yaml", ".json")
_PAGE = ".page.md"
_HOSTS = {"api.chainhub.tech": "chainhub", "www.kkiai.com": "kkiai"}

NEW_VERSION, NEW_OPERATION, COMPANION, UNCHANGED = "new version", "new operation", "a companion until now", "unchanged"


@frozen
class IngestedPage:
    """What became of a page."""

    page: str
    stem: str  # of the files that hold it
    kind: str
    replaced: tuple[str, ...]  # the stored documents that it takes the place of, by their stems
    origins: dict[Place, Place]  # its operations that were known → where they were


def load_supplied(folder: Path) -> dict[str, Document]:
    """Stem → document of each supplied OpenAPI document, proved unedited and valid, in the order of their arrival."""
    digests.verify_digests(folder)
    found = {}
    for name in digests.read_digests(folder):
        path = folder / name
        if path.suffix in _BARE:
            found[path.stem] = parse_openapi(documents.read_text(path), name)
    if not found:
        raise DocumentError(f"{folder.name}: holds no supplied OpenAPI document")
    return found


def merge_all(found: dict[str, Document]) -> Document:
    """All supplied documents as one, as they are: to recognise operations by."""
    whole: Document = {}
    for stem, document in found.items():
        whole = merge(whole, document, stem)
    return whole


def store_pages(folder: Path, pages: list[Page], companions: Document) -> list[IngestedPage]:
    """Put pages into `folder`, each in the place of the documents whose operations it describes.

    Raises DocumentError when a page is of another API, or when two describe one operation differently.
    """
    pages = _each_once(pages)
    before = load_supplied(folder)
    whole = merge_all(before)
    still_there = {place.key for page in pages for place in places(page.document)}
    known = [match_operations(whole, page.document, still_there) for page in pages]
    _refuse_two_of_one_origin(pages, known)
    taken: set[str] = set()
    arrivals = []
    for page, its_origins in zip(pages, known, strict=True):
        arrival = _arrive(folder, page, its_origins, before, companions, taken)
        taken |= {arrival.stem, *arrival.replaced}
        arrivals.append(arrival)
    return arrivals


def _arrive(  # noqa: PLR0917 - what is there, what comes, and what came before it
    folder: Path,
    page: Page,
    known: dict[Place, Place],
    before: dict[str, Document],
    companions: Document,
    taken: set[str],
) -> IngestedPage:
    standing_in = {place.key for place in places(companions)} & {place.key for place in places(page.document)}
    if not known and not standing_in and not _is_of_kling(page.document):
        raise DocumentError(
            f"{page.name}: a page of another API: it has no operation that is known, and none of its paths is Kling's"
        )
    replaced = [stem for stem, document in before.items() if places(document).keys() & set(known.values())]
    free = [stem for stem in replaced if stem not in taken]
    stem = free[0] if free else _stem(page, companions, {*before, *taken})
    if _is_stored(folder, stem, page):
        return IngestedPage(page.name, stem, UNCHANGED, (), known)
    _write(folder, stem, page, gone=[other for other in free if other != stem])
    kind = NEW_VERSION if replaced else COMPANION if standing_in else NEW_OPERATION
    return IngestedPage(page.name, stem, kind, tuple(replaced), known)


def _files(stem: str, page: Page) -> dict[str, bytes]:
    if page.is_markdown:
        return {f"{stem}{_PAGE}": page.content, f"{stem}{page.suffix}": page.text.encode()}
    return {f"{stem}{page.suffix}": page.content}


def _is_stored(folder: Path, stem: str, page: Page) -> bool:
    present = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return all(present.get(name) == content for name, content in _files(stem, page).items())


def _write(folder: Path, stem: str, page: Page, gone: list[str]) -> None:
    files = _files(stem, page)
    for old in (f"{left}{suffix}" for left in (stem, *gone) for suffix in (*_BARE, _PAGE)):
        if old not in files:
            (folder / old).unlink(missing_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    digests.write_digests(folder)


def _each_once(pages: list[Page]) -> list[Page]:
    """The pages without those that say what another says. Raises DocumentError where two describe one operation."""
    seen: dict[tuple[str, str], Page] = {}
    once: list[Page] = []
    for page in pages:
        if any(page.document == other.document for other in once):
            continue
        if not places(page.document):
            raise DocumentError(f"{page.name}: describes no operation; its `paths` are empty")
        for place in places(page.document):
            other = seen.get(place.key)
            if other is page:
                raise DocumentError(f"{page.name}: describes {place} twice, with other names of its parameters")
            if other is not None:
                raise DocumentError(f"{other.name} and {page.name} both describe {place}; give one of them")
            seen[place.key] = page
        once.append(page)
    return once


def _refuse_two_of_one_origin(pages: list[Page], known: list[dict[Place, Place]]) -> None:
    seen: dict[Place, tuple[Page, Place]] = {}
    for page, origin_of in zip(pages, known, strict=True):
        for place, origin in origin_of.items():
            if origin in seen:
                other, elsewhere = seen[origin]
                raise DocumentError(
                    f"{other.name} and {page.name} both describe what was {origin}, {elsewhere} and {place}; give one"
                )
            seen[origin] = page, place


def _is_of_kling(document: Document) -> bool:
    if any("kling" in path.lower().split("/") for path in document["paths"]):
        return True
    at_a_gateway = any(host_of(server["url"]) in _HOSTS for server in document.get("servers", []))
    folders = (str(tag) for _, _, operation in operations(document) for tag in operation.get("tags", []))
    return at_a_gateway and any("kling" in folder.lower() for folder in folders)


def _stem(page: Page, companions: Document, taken: set[str]) -> str:
    """A file's name from the gateway and the first operation; free of what is there already."""
    place = next(iter(places(page.document)))
    known = {other.key: operation["operationId"] for other, operation in places(companions).items()}
    name = known.get(place.key) or name_of(*place)
    host = next((host_of(server["url"]) for server in page.document.get("servers", [])), "")
    gateway = _HOSTS.get(host) or re.sub(r"[^a-z0-9]", "", host.rpartition(".")[0].rpartition(".")[2]) or "gateway"
    return unique_name(f"{gateway}-{name.replace('_', '-')}", taken.__contains__, before_the_number="-")
