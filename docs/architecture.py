"""The architecture page: its text is a template, and its module map is read from the modules' docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent


def page() -> str:
    """The text of the page."""
    templates = Environment(
        loader=FileSystemLoader(DOCS / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it is Markdown
    )
    return templates.get_template("architecture.md.jinja").render(modules=module_map)


def module_map(folder: str) -> str:
    """A table of the modules of a folder and of its sub-packages, with the first sentence of each docstring."""
    rows = ["| module | content |", "|---|---|"]
    for path in sorted((ROOT / folder).rglob("*.py"), key=_order):
        name = path.relative_to(ROOT / folder).as_posix()
        rows.append(f"| `{name.removesuffix('__init__.py') or name}` | {_first_sentence(path)} |")
    return "\n".join(rows)


def _order(path: Path) -> tuple[bool, str, bool, str]:
    """Modules before sub-packages, and the `__init__` module before the others."""
    is_package = path.name == "__init__.py"
    depth = len(path.relative_to(ROOT).parts)
    return depth > 3, path.parent.as_posix(), not is_package, path.name


def _first_sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not docstring:
        raise ValueError(f"{path.name} has no docstring; say in one sentence what the module contains")
    sentence = " ".join(docstring.split("\n\n")[0].split())
    return sentence.replace("|", "\\|")
