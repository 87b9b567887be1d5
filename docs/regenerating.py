"""The page on regenerating, with the reports that some pages really produce."""

from __future__ import annotations

import contextlib
import io
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
    return templates.get_template("regenerating.md.jinja").render(
        version=_report(*case_text("several at once")),
        operation=_report(*case_text("an operation that nobody knew")),
        known=_report("list-presets.md", pages.published("list-presets.md").read_text(encoding="utf-8")),
        repaired=_report("text2video.md", pages.published("text2video.md").read_text(encoding="utf-8")),
        contradiction=_report(*case_text("type changed")),
    )


def _report(name: str, text: str) -> str:
    """The output of the command for a page; all but the first of the files that it writes are left out."""
    with tempfile.TemporaryDirectory() as temporary:
        project = pages.copy_project(Path(temporary))
        (project / name).write_text(text, encoding="utf-8")
        where = ("--openapi", str(project / "openapi"), "--generated", str(project / "generated"))
        with contextlib.redirect_stdout(io.StringIO()):
            regenerate.main([*where])  # without pages that were ingested since, which would count as changes
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            if regenerate.main([*where, str(project / name)]) != 0:
                raise RuntimeError(f"{name} was refused")
    lines = printed.getvalue().splitlines()
    written = [line for line in lines if line.startswith("regenerated: ")]
    return "\n".join([line for line in lines if line not in written[1:]])
