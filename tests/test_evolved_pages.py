"""Pages as they may yet be published: each is taken in, and the report says what it changes, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pipeline import documents, pages, report, update
from pipeline.pages import Page

from contract_tests.harness.contract import OPENAPI

EVOLVED = Path(__file__).parent / "evolved"
SUPPLIED = (OPENAPI / "supplied" / "chainhub-custom-voices.yaml").read_text(encoding="utf-8")


class Case(NamedTuple):
    """A page, and what is said of it."""

    name: str
    page: Page
    report: list[str]


def _cases() -> Iterator[Case]:
    for name, case in documents.load(EVOLVED / "versions.yaml").items():
        text = SUPPLIED
        for old, new in case["edits"]:
            assert text.count(old) == 1, f"{name}: the edit of {old!r} does not apply once"
            text = text.replace(old, new)
        yield Case(name, pages.page("page.yaml", text.encode()), case.get("report", []))
    for name, case in documents.load(EVOLVED / "operations.yaml").items():
        yield Case(name, pages.page(case["page"], case["text"].encode()), case.get("report", []))


CASES = list(_cases())


def told(case: Any, folder: Path) -> list[str]:
    """What the regeneration says of a case."""
    return report.as_text(update.take_in(OPENAPI, [case.page], folder)).splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_page(case: Case, tmp_path: Path) -> None:
    """The report, line by line, is the expected one."""
    assert told(case, tmp_path) == case.report
