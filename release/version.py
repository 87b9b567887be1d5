"""The version of the project. pyproject.toml is its only source; the changelog has to mention it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path


class ReleaseError(Exception):
    """Something that prevents a release; the message says what to do."""


def read_version(root: Path) -> str:
    """The version in pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def check_changelog(root: Path, version: str) -> None:
    """Raise ReleaseError unless the changelog has a dated section for `version`, and nothing unreleased."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    unreleased = [section for section in sections if section.startswith("[Unreleased]")]
    if unreleased and re.search(r"^- ", unreleased[0], re.MULTILINE):
        raise ReleaseError(f"CHANGELOG.md has unreleased changes; move them to a section [{version}] - YYYY-MM-DD")
    if not any(
        re.match(rf"\[{re.escape(version)}\] - \d{{4}}-\d{{2}}-\d{{2}}$", each.splitlines()[0]) for each in sections
    ):
        raise ReleaseError(f"CHANGELOG.md has no section '## [{version}] - YYYY-MM-DD'; add it")


def check_tag(version: str, tag: str) -> None:
    """Raise ReleaseError unless the git tag is `v` and the version."""
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag!r}, but the version in pyproject.toml is {version}; tag v{version}")
