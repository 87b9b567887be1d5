"""Configuration of the documentation site: `nox -s site`."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

project = "kling-voices"
author = "the kling-voices developers"
version = release = installed_version("kling-voices")
copyright = f"2026, {author}"  # noqa: A001 - the name that Sphinx expects

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["templates"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
default_role = "code"  # docstrings mark code with single backticks, as Markdown does

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autoclass_content = "class"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True

# Names without a page of their own: types of other packages, and private aliases in signatures.
nitpicky = False
intersphinx_mapping: dict[str, tuple[str, None]] = {}  # the site is built without network access

html_theme = "furo"
html_title = "kling-voices"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}
copybutton_prompt_text = "$ "  # only commands are copied, without their prompt
linkcheck_ignore = [r"https?://"]  # no network access; a workflow checks external links with `-D linkcheck_ignore=`
