"""Write the pages of this folder that are generated from data, for `nox -s docs`. A test checks them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import architecture
import regenerating
from pipeline.diff import gaps

from tests.support import error_table

DOCS = Path(__file__).resolve().parent

PAGES: dict[str, Callable[[], str]] = {
    "architecture.md": architecture.page,
    "errors.md": error_table.page,
    "gaps.md": gaps.page,
    "regenerating.md": regenerating.page,
}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
        print(f"docs: wrote {name}")


if __name__ == "__main__":
    main()
