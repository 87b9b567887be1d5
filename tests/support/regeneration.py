"""Running the regeneration on a scratch copy of the project."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import regenerate
from pipeline.ingest.pages import parse_page

from tests import evolved


class Finished(NamedTuple):
    """What a run of the command line left: the exit code and the printed text."""

    returncode: int
    stdout: str
    stderr: str


def run_printing(*arguments: str | Path) -> Finished:
    """Run the command line in this process; a test of a real process is in `test_evolved_pages.py`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = regenerate.main([str(each) for each in arguments])
    return Finished(code, out.getvalue(), err.getvalue())


def run(project: Path, *arguments: str | Path) -> int:
    """Run the command line on the folders of a project; returns the exit code."""
    folders = ("--openapi", str(project / "openapi"), "--generated", str(project / "generated"))
    return regenerate.main([*folders, *map(str, arguments)])


def state(project: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, hidden ones too, with its content and the time of its last change."""
    return {
        path.relative_to(project).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for folder in ("openapi", "generated")
        for path in [*(project / folder).rglob("*"), *project.glob(".*")]
        if path.is_file()
    }


def case_text(name: str) -> tuple[str, str]:
    """The file name and the text of a case of `tests/evolved`."""
    versions = evolved.cases("versions")
    if name in versions:
        return "page.yaml", evolved.edited(versions[name])
    case = evolved.cases("operations")[name]
    return case["page"], case["text"]


def write_case(project: Path, name: str) -> Path:
    """Write the page of a case into a project; raises DocumentError if it is not a page."""
    page, text = case_text(name)
    parse_page(page, text.encode())
    (project / page).write_text(text, encoding="utf-8")
    return project / page
