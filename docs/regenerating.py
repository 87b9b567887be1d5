"""The page on regenerating, with the reports that some pages really produce."""

from __future__ import annotations

import contextlib
import functools
import io
import shutil
import tempfile
from pathlib import Path

import regenerate
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests import pages
from tests.support.regeneration import case_text

DOCS = Path(__file__).resolve().parent


def page() -> str:
    """The text of the page."""
    templates = Environment(
        loader=FileSystemLoader(DOCS / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it is Markdown
    )
    with tempfile.TemporaryDirectory() as temporary:
        project = pages.copy_project(Path(temporary))
        _regenerate(project)  # without pages that were ingested since, which would count as changes
        report = functools.partial(_report, project)
        return templates.get_template("regenerating.md.jinja").render(
            version=report(*case_text("several at once")),
            operation=report(*case_text("an operation that nobody knew")),
            known=report("list-presets.md", pages.published("list-presets.md").read_text(encoding="utf-8")),
            repaired=report("text2video.md", pages.published("text2video.md").read_text(encoding="utf-8")),
            contradiction=report(*case_text("type changed")),
        )


def _regenerate(project: Path, *names: str) -> str:
    """The output of the command for pages in the folder of a project."""
    where = ("--openapi", str(project / "openapi"), "--generated", str(project / "generated"))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        if regenerate.main([*where, *(str(project / name) for name in names)]) != 0:
            raise RuntimeError(f"{names} were refused")
    return printed.getvalue()


def _report(original: Path, name: str, text: str) -> str:
    """The output of the command for a page; all but the first of the files that it writes are left out."""
    with tempfile.TemporaryDirectory() as temporary:
        project = Path(temporary) / "project"
        shutil.copytree(original, project)
        (project / name).write_text(text, encoding="utf-8")
        lines = _regenerate(project, name).splitlines()
    written = [line for line in lines if line.startswith("regenerated: ")]
    return "\n".join([line for line in lines if line not in written[1:]])
