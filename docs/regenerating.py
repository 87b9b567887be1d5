"""The page on regenerating, with what three pages really bring about."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from pathlib import Path

import regenerate
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests import evolved

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent


def page() -> str:
    """The page's text."""
    versions, operations = evolved.cases("versions"), evolved.cases("operations")
    new = operations["an operation that nobody knew"]
    templates = Environment(
        loader=FileSystemLoader(DOCS / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it is Markdown
    )
    return templates.get_template("regenerating.md.jinja").render(
        version={
            "about": "The gateway has cut a field, bounded another, and described an error:",
            "output": _taken_in("page.yaml", evolved.edited(versions["several at once"])),
        },
        operation={
            "about": "A page that has nothing to do with the supplied one:",
            "output": _taken_in(new["page"], new["text"]),
        },
        gap={
            "about": "The gateway has filled its response schema in:",
            "output": _taken_in("page.yaml", evolved.edited(versions["response schema filled in"])),
        },
    )


def _taken_in(name: str, text: str) -> str:
    """What the command prints for a page; all but the first of the files that it writes are left out."""
    with tempfile.TemporaryDirectory() as temporary:
        project = Path(temporary)
        for folder in ("openapi", "generated"):
            shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
        (project / name).write_text(text, encoding="utf-8")
        where = ("--openapi", str(project / "openapi"), "--generated", str(project / "generated"))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            if regenerate.main([*where, str(project / name)]) != 0:
                raise RuntimeError(f"{name} was refused")
    lines = printed.getvalue().splitlines()
    written = [line for line in lines if line.startswith("regenerated: ")]
    return "\n".join([line for line in lines if line not in written[1:]])
