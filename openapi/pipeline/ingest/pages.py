"""A page as a gateway publishes it: Markdown with one fenced YAML block, bare YAML, or JSON."""

from __future__ import annotations

import stat
from pathlib import Path

from attrs import frozen
from markdown_it import MarkdownIt

from ..spec import documents
from ..spec.documents import Document, DocumentError
from . import unsupported
from .downgrade import downgrade
from .servers import with_base_path_in_paths

_LONGEST = 2_000_000  # bytes; the supplied page has 4,000
_MARKDOWN = (".md", ".markdown", ".txt", "")
_YAML_FENCES = (["yaml"], ["yml"])


@frozen
class Page:
    """A page: its bytes as they came, the text of its document, and the document, valid OpenAPI 3.0."""

    name: str
    content: bytes
    text: str
    is_markdown: bool
    document: Document
    notes: tuple[str, ...] = ()  # what was repaired or ignored while it was read

    @property
    def suffix(self) -> str:
        """Of the file that holds the bare document."""
        return ".json" if not self.is_markdown and self.name.endswith(".json") else ".yaml"


def read_page(path: Path) -> Page:
    """The page in a file. Raises DocumentError with one sentence for whatever is no such page."""
    if path.is_dir():
        raise DocumentError(f"{path}: this is a directory; name the pages in it")
    try:
        size = path.stat().st_size
        if stat.S_ISFIFO(path.stat().st_mode) and not str(path).startswith("/dev/"):
            raise DocumentError(f"{path}: this is a pipe; save the page to a file")
        if size > _LONGEST:
            raise DocumentError(f"{path.name}: {size} bytes; a page of up to {_LONGEST} is read")
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_page(path.name, content)


def parse_page(name: str, content: bytes) -> Page:
    """The page in those bytes."""
    text = documents.decode(content, name)
    begins = text.lstrip()[:200].lower()
    if begins.startswith(("<!doctype html", "<html")):
        raise DocumentError(f"{name}: this is HTML; save the page's Markdown or its OpenAPI YAML")
    is_markdown = Path(name).suffix.lower() in _MARKDOWN and not begins.startswith(("openapi:", "swagger:", "{"))
    document_text = _fenced(name, text) if is_markdown else text

    document = parse_openapi(document_text, name)
    return Page(name, content, document_text, is_markdown, document)


def parse_openapi(text: str, name: str) -> Document:
    """The document in a text, valid OpenAPI 3.0, each path with what its servers have before it.

    Raises DocumentError.
    """
    document = downgrade(documents.parse(text, name), name)
    documents.validate(document, name)
    unsupported.check_supported(document, name)
    return with_base_path_in_paths(document)


def _fenced(name: str, text: str) -> str:
    fences = [token for token in MarkdownIt("commonmark").parse(text) if token.type == "fence"]
    blocks = [token.content for token in fences if token.info.lower().split()[:1] in _YAML_FENCES]
    if len(blocks) != 1:
        raise DocumentError(f"{name}: a page has one fenced YAML block, this has {len(blocks) or 'none'}")
    return blocks[0]
