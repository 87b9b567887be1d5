"""The folder of supplied documents: its content, and the file name of each page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from attrs import frozen

from ..spec import documents
from ..spec.documents import Document, DocumentError
from ..spec.merge import merge
from ..spec.naming import name_of, unique_name
from ..spec.operations import Place, operations, places
from ..spec.walk import copy_json
from . import digests
from .gateways import PRIMARY, gateway_of_document, gateway_of_stem, is_ours, precedence
from .identify import match_operations
from .pages import Page, parse_openapi, parse_page

_BARE = (".yaml", ".json")
_PAGE = ".page.md"

NEW_VERSION, NEW_OPERATION, UNCHANGED = "new version", "new operation", "unchanged"
KNOWN = "first page of a known operation"
OTHER_GATEWAY = "page of a known operation, kept beside those of our gateways,"


@frozen
class IngestedPage:
    """What happened to a page.

    Attributes:
        page: Its file name.
        gateway: The gateway of the page.
        stem: The name of the files that it is stored in.
        kind: What it is: one of the constants above.
        replaced: The stems of the stored documents that it replaces.
        origins: Its known operations → their former places.
        notes: What was repaired or ignored while it was read.
    """

    page: str
    gateway: str
    stem: str
    kind: str
    replaced: tuple[str, ...]
    origins: dict[Place, Place]
    notes: tuple[str, ...] = ()


def load_supplied(folder: Path) -> dict[str, Document]:
    """Stem → document of each supplied OpenAPI document, proved unedited and valid.

    The pages of chainhub come first, then those of kkiai, then others, each in the order of their arrival.
    """
    digests.verify_digests(folder)
    found = {}
    names = digests.read_digests(folder)
    for name in names:
        path = folder / name
        if path.suffix in _BARE:
            found[path.stem] = parse_openapi(documents.read_text(path), name)
        elif name.endswith(_PAGE) and not {f"{name.removesuffix(_PAGE)}{suffix}" for suffix in _BARE} & names.keys():
            found[name.removesuffix(_PAGE)] = parse_page(name, path.read_bytes()).document
    if not found:
        raise DocumentError(f"{folder.name}: contains no supplied OpenAPI document")
    return {stem: found[stem] for stem in sorted(found, key=precedence)}


def stored_content(folder: Path) -> dict[str, bytes]:
    """Stem → the bytes of each stored page, as it was published."""
    names = digests.read_digests(folder)
    bare = {name.rpartition(".")[0]: name for name in names if name.endswith(_BARE)}
    whole = {name.removesuffix(_PAGE): name for name in names if name.endswith(_PAGE)}
    return {stem: (folder / name).read_bytes() for stem, name in {**bare, **whole}.items()}


def merge_all(found: dict[str, Document]) -> Document:
    """All supplied documents as one, unchanged."""
    whole: Document = {}
    for stem, document in found.items():
        whole = merge(whole, document, stem)
    return whole


def select_operations(found: dict[str, Document], companions: Document, former: Collection[str]) -> dict[str, Document]:
    """The documents without operations that a gateway of higher precedence describes, at any version of the path.

    Pages of other gateways never describe an operation that chainhub or kkiai describes.

    Args:
        found: The stored documents by their stems, in the order of their precedence.
        companions: The operations that are known beside the supplied ones.
        former: Where operations of chainhub were before they moved; other gateways may describe them there.
    """
    first: dict[tuple[str, str], str] = {}  # identity of an operation → the gateway that describes it
    ours = {place.identity for place in places(companions)}
    selected = {}
    for stem, document in found.items():
        gateway = gateway_of_stem(stem)
        left = {**document, "paths": {path: dict(item) for path, item in document["paths"].items()}}
        for place in places(document):
            is_taken = first.setdefault(place.identity, gateway) != gateway
            is_moved = str(place) in former and gateway != PRIMARY
            if is_taken or is_moved or (place.identity in ours and not is_ours(stem)):
                del left["paths"][place.path][place.method]
        left["paths"] = {
            path: item for path, item in left["paths"].items() if any(True for _ in places({"paths": {path: item}}))
        }
        if gateway != gateway_of_stem(next(iter(found))):
            left.pop("servers", None)
        selected[stem] = left
    return selected


def store_pages(folder: Path, pages: list[Page], companions: Document) -> list[IngestedPage]:
    """Put pages into `folder`. A page replaces the documents of its gateway whose operations it describes.

    Raises DocumentError when a page is of another API, or when two describe one operation differently.
    """
    pages = _without_repetitions(pages)
    before = load_supplied(folder)
    present = {(gateway_of_document(page.document), place.key) for page in pages for place in places(page.document)}
    known = [_known(page, before, companions, present) for page in pages]
    _refuse_two_of_one_origin(pages, known)
    taken: set[str] = set()
    ingested = []
    for page, its_origins in zip(pages, known, strict=True):
        each = _store(folder, page, its_origins, before, companions, taken)
        taken |= {each.stem, *each.replaced}
        ingested.append(each)
    return ingested


def _known(
    page: Page, before: dict[str, Document], companions: Document, present: Iterable[tuple[str, tuple[str, str]]]
) -> dict[Place, Place]:
    """The operations of a page that its gateway's earlier pages, or the companions, describe."""
    gateway = gateway_of_document(page.document)
    own = merge_all({stem: document for stem, document in before.items() if gateway_of_stem(stem) == gateway})
    whole = merge(own, _without_ids(companions), "companions") if is_ours(gateway) else own
    return match_operations(whole, page.document, {key for of, key in present if of == gateway})


def _without_ids(companions: Document) -> Document:
    """The companions without operationIds: those are ours, and a page's are its own."""
    anonymous = copy_json(companions)
    for _, _, operation in operations(anonymous):
        del operation["operationId"]
    return anonymous


def _store(  # noqa: PLR0917 - what is there, what arrives, and what arrived before it
    folder: Path,
    page: Page,
    known: dict[Place, Place],
    before: dict[str, Document],
    companions: Document,
    taken: set[str],
) -> IngestedPage:
    gateway = gateway_of_document(page.document)
    if not known and not _is_of_kling(page.document):
        raise DocumentError(
            f"{page.name}: describes another API: none of its operations is known, and none of its paths is Kling's"
        )
    own = {stem: document for stem, document in before.items() if gateway_of_stem(stem) == gateway}
    replaced = [stem for stem, document in own.items() if places(document).keys() & set(known.values())]
    free = [stem for stem in replaced if stem not in taken]
    stem = free[0] if free else _stem(gateway, page, companions, {*before, *taken})
    if _is_stored(folder, stem, page):
        return IngestedPage(page.name, gateway, stem, UNCHANGED, (), known, page.notes)
    _write(folder, stem, page, gone=[other for other in free if other != stem])
    kind = NEW_VERSION if replaced else KNOWN if known else NEW_OPERATION
    if kind == NEW_OPERATION and not is_ours(gateway) and _is_known_elsewhere(page, before, companions):
        kind = OTHER_GATEWAY
    return IngestedPage(page.name, gateway, stem, kind, tuple(replaced), known, page.notes)


def _is_known_elsewhere(page: Page, before: dict[str, Document], companions: Document) -> bool:
    known = {place.identity for document in (companions, *before.values()) for place in places(document)}
    return any(place.identity in known for place in places(page.document))


def _files(stem: str, page: Page) -> dict[str, bytes]:
    if page.is_table:
        return {f"{stem}{_PAGE}": page.content}
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


def _without_repetitions(pages: list[Page]) -> list[Page]:
    """The pages, each once. Raises DocumentError where two of one gateway describe one operation differently."""
    seen: dict[tuple[str, tuple[str, str]], Page] = {}
    once: list[Page] = []
    for page in pages:
        if any(page.document == other.document for other in once):
            continue
        if not places(page.document):
            raise DocumentError(f"{page.name}: describes no operation; its `paths` are empty")
        gateway = gateway_of_document(page.document)
        for place in places(page.document):
            other = seen.get((gateway, place.key))
            if other is page:
                raise DocumentError(f"{page.name}: describes {place} twice, with different parameter names")
            if other is not None:
                raise DocumentError(f"{other.name} and {page.name} both describe {place}; pass one of them")
            seen[gateway, place.key] = page
        once.append(page)
    return once


def _refuse_two_of_one_origin(pages: list[Page], known: list[dict[Place, Place]]) -> None:
    seen: dict[tuple[str, Place], tuple[Page, Place]] = {}
    for page, origin_of in zip(pages, known, strict=True):
        gateway = gateway_of_document(page.document)
        for place, origin in origin_of.items():
            if (gateway, origin) in seen:
                other, elsewhere = seen[gateway, origin]
                raise DocumentError(
                    f"{other.name} and {page.name} both describe what was {origin}, {elsewhere} and {place}; pass one"
                )
            seen[gateway, origin] = page, place


def _is_of_kling(document: Document) -> bool:
    if any("kling" in path.lower().split("/") for path in document["paths"]):
        return True
    folders = (str(tag) for _, _, operation in operations(document) for tag in operation.get("tags", []))
    return is_ours(gateway_of_document(document)) and any("kling" in folder.lower() for folder in folders)


def _stem(gateway: str, page: Page, companions: Document, taken: set[str]) -> str:
    """A file name from the gateway and the first operation that is not taken."""
    place = next(iter(places(page.document)))
    known = {other.identity: operation["operationId"] for other, operation in places(companions).items()}
    name = known.get(place.identity) or name_of(*place)
    return unique_name(f"{gateway}-{name.replace('_', '-')}", taken.__contains__, separator="-")
