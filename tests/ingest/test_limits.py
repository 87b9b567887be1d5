"""Limits for pages: a hostile page is refused early, in one sentence; a real page is far from every limit."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pipeline.ingest.pages import parse_page, read_page
from pipeline.spec.documents import DocumentError
from pipeline.spec.limits import DEEPEST, MOST_BYTES, MOST_NODES

from tests.support.repository import ROOT

PUBLISHED = sorted((ROOT / "tests" / "pages" / "published").glob("*.[my]*"))
MANY, DEEP, LARGE = f"more than {MOST_NODES} values", f"nested deeper than {DEEPEST} levels", f"than {MOST_BYTES} bytes"
HOSTILE = {
    "values in brackets": ("page.yaml", "enum: [" + "v," * (2 * MOST_NODES + 1) + "v]\nenum: twice\n", MANY),
    "lines": ("page.yaml", "enum:\n" + "- v\n" * (2 * MOST_NODES + 1), MANY),
    "values that may need quotes": ("page.yaml", "a: #\n" * (2 * MOST_NODES + 1) + "b: 'open\n", MANY),
    "values of JSON": ("page.json", '{"enum": [' + "1," * MOST_NODES + "1]}", MANY),
    "levels of indentation": ("page.yaml", "".join(" " * level + "a:\n" for level in range(900)), DEEP),
    "levels on one line": ("page.yaml", "a:\n  " + "- " * 100_000 + "x\n", DEEP),
    "levels in brackets": ("page.yaml", "{a: " * 100_000, DEEP),
    "levels of JSON": ("page.json", '{"a": ' * 100 + "1" + "}" * 100, DEEP),
    "bytes": ("page.md", "#" * (MOST_BYTES + 1), LARGE),
}
SLOW = {
    "spaces": "description: x\nx" + " " * 100_000 + "y\n",
    "pairs of brackets": "a: []\n" * 20_000,
    "comments behind keys": "a: #\n" * 20_000,
    "brackets of Markdown": "[" * 200_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_page(case: str) -> None:
    """The sentence states the limit."""
    name, text, says = HOSTILE[case]
    with pytest.raises(DocumentError, match=says) as refused:
        parse_page(name, text.encode())
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("case", SLOW)
def test_the_time_grows_with_the_length(case: str) -> None:
    """A page without structure is refused within seconds of processor time; quadratic work would take minutes."""
    began = time.process_time()
    with pytest.raises(DocumentError):
        parse_page("page.md" if "Markdown" in case else "page.yaml", SLOW[case].encode())
    assert time.process_time() - began < 5


def test_a_page_of_unknown_size() -> None:
    """A file whose size is unknown, such as stdin, is not read beyond the limit."""
    endless = Path("/dev/zero")
    if not endless.exists():
        pytest.skip(f"{sys.platform} has no /dev/zero")
    with pytest.raises(DocumentError, match=LARGE):
        read_page(endless)


def test_real_pages_are_far_from_the_limits() -> None:
    """A hundred of the largest known page fit into one page."""
    pages = [read_page(path) for path in PUBLISHED]
    assert len(pages) > 20
    assert 100 * max(len(page.content) for page in pages) < MOST_BYTES
    assert 100 * max(_nodes(page.document) for page in pages) < MOST_NODES
    assert 2 * max(_levels(page.document) for page in pages) < DEEPEST


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _nodes(value: Any) -> int:
    return 1 + sum(map(_nodes, _children(value)))


def _levels(value: Any) -> int:
    return 1 + max(map(_levels, _children(value)), default=0)
