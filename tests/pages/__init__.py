"""Pages as gateways publish them, and a frozen copy of the supplied documents that they are ingested into.

base/       the supplied documents and the names overlay as they were first supplied; never the live ones
published/  pages of twenty-four operations, modelled on what chainhub publishes
later.yaml  a later version of each, as edits of its text
special/    pages of other gateways, and pages whose server is unclear
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.spec import documents

from tests.support.repository import GENERATED, OPENAPI

FOLDER = Path(__file__).resolve().parent
BASE, PUBLISHED = FOLDER / "base", FOLDER / "published"
SUPPLIED = BASE / "supplied"
NAMES = sorted(path.name for path in PUBLISHED.iterdir())
_OURS = ("companions.yaml", "contract.overlay.yaml")
_IGNORED = shutil.ignore_patterns("__pycache__", ".hypothesis", ".nox", ".venv", "build", ".git")


def published(name: str) -> Path:
    """A published page."""
    return PUBLISHED / name


def later(name: str) -> bytes:
    """The later version of a published page. Raises ValueError where an edit does not apply exactly once."""
    text = published(name).read_text(encoding="utf-8")
    for old, new in documents.load(FOLDER / "later.yaml")[name]:
        if text.count(old) != 1:
            raise ValueError(f"the edit of {old!r} in {name} applies {text.count(old)} times")
        text = text.replace(old, new)
    return text.encode()


def copy_openapi(folder: Path) -> Path:
    """A folder of documents with the frozen supplied ones and the project's own knowledge, without decisions."""
    openapi = folder / "openapi"
    openapi.mkdir(parents=True)
    shutil.copytree(SUPPLIED, openapi / "supplied")
    shutil.copy(BASE / "names.overlay.yaml", openapi)
    for name in _OURS:
        shutil.copy(OPENAPI / name, openapi)
    (openapi / "decisions.yaml").write_text("decisions: []\n", encoding="utf-8")
    return openapi


def copy_project(folder: Path) -> Path:
    """A scratch copy of what a regeneration reads and writes; returns the folder."""
    copy_openapi(folder)
    shutil.copytree(GENERATED, folder / "generated", ignore=_IGNORED)
    return folder
