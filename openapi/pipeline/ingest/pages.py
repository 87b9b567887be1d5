"""A published page: Markdown with one fenced YAML block or with tables, bare YAML, or JSON."""

from __future__ import annotations

import stat
from pathlib import Path

from attrs import frozen
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..spec import documents
from ..spec.documents import Document, DocumentError
from ..spec.limits import MOST_BYTES, too_large
from ..spec.refusals import refusal
from .reading import read_openapi, read_tables
from .repair import Repair
from .rules import Normalisation
from .tables import is_table_page

_MARKDOWN = (".md", ".markdown", ".txt", "")
_YAML_FENCES = (["yaml"], ["yml"])


@frozen
class Page:
    """A page: its original bytes, the text of its document, and the document, which is valid OpenAPI 3.0."""

    name: str
    content: bytes
    text: str
    is_markdown: bool
    document: Document
    is_table: bool = False
    """Whether the page describes its operation in tables; then `text` is the whole page."""
    repairs: tuple[Repair, ...] = ()
    normalisations: tuple[Normalisation, ...] = ()

    @property
    def suffix(self) -> str:
        """The name of the file that contains the bare document."""
        return ".json" if not self.is_markdown and self.name.endswith(".json") else ".yaml"

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each repair and normalisation, for the report."""
        return tuple(str(each) for each in (*self.repairs, *self.normalisations))


def read_page(path: Path) -> Page:
    """The page in a file. Raises DocumentError with one sentence if the file is not a page."""
    if path.is_dir():
        raise DocumentError(f"{path}: this is a directory; name the pages in it")
    try:
        size = path.stat().st_size
        if stat.S_ISFIFO(path.stat().st_mode) and not str(path).startswith("/dev/"):
            raise DocumentError(f"{path}: this is a pipe; save the page to a file")
        if size > MOST_BYTES:
            raise refusal(path.name, too_large(size))
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)  # stdin does not state its size
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_page(path.name, content)


def parse_page(name: str, content: bytes) -> Page:
    """The page in those bytes. Raises DocumentError with one sentence if they are not a page."""
    if len(content) > MOST_BYTES:
        raise refusal(name, too_large())
    text = documents.decode(content, name)
    begins = text.lstrip()[:200].lower()
    if begins.startswith(("<!doctype html", "<html")):
        raise DocumentError(f"{name}: this is HTML; save the page's Markdown or its OpenAPI YAML")
    is_markdown = Path(name).suffix.lower() in _MARKDOWN and not begins.startswith(("openapi:", "swagger:", "{"))
    is_table = is_markdown and not _yaml_blocks(text) and is_table_page(text)
    if is_table:
        document_text, reading = text, read_tables(text, name)
    else:
        document_text, first_line = _fenced(name, text) if is_markdown else (text, 1)
        reading = read_openapi(document_text, name, first_line)
    return Page(
        name=name,
        content=content,
        text=document_text,
        is_markdown=is_markdown,
        document=reading.document,
        is_table=is_table,
        repairs=reading.repairs,
        normalisations=reading.normalisations,
    )


def parse_openapi(text: str, name: str) -> Document:
    """The document in a text, valid OpenAPI 3.0, each path with what its servers have before it.

    Raises DocumentError.
    """
    return read_openapi(text, name).document


def _yaml_blocks(text: str) -> list[Token]:
    fences = [token for token in MarkdownIt("commonmark").disable("inline").parse(text) if token.type == "fence"]
    return [token for token in fences if token.info.lower().split()[:1] in _YAML_FENCES]


def _fenced(name: str, text: str) -> tuple[str, int]:
    """The YAML of a page, and the line on which it begins."""
    blocks = _yaml_blocks(text)
    if len(blocks) != 1:
        raise refusal(name, f"a page must have exactly one fenced YAML block; this page has {len(blocks) or 'none'}")
    opening = blocks[0].map[0] if blocks[0].map else 0
    return blocks[0].content, opening + 2
