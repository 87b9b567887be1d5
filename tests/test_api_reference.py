"""The API reference of the documentation site covers every public name."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.support.repository import ROOT

PUBLIC_MODULES = [
    "kling_voices",
    "kling_voices.audio",
    "kling_voices.callbacks",
    "kling_voices.clock",
    "kling_voices.mock",
    "kling_voices.staging",
]
PAGES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "api").glob("*.md")))


def _documented() -> set[str]:
    """The qualified names that the pages document, with the members of whole modules."""
    names = set(re.findall(r"^\.\. auto(?:class|function|data|exception):: (\S+)", PAGES, re.MULTILINE))
    for module in re.findall(r"^\.\. automodule:: (\S+)\n   :members:", PAGES, re.MULTILINE):
        names |= {f"{module}.{name}" for name in vars(importlib.import_module(module)) if not name.startswith("_")}
    return names


def _is_ours(value: object) -> bool:
    return str(getattr(value, "__module__", "")).startswith("kling_voices")


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_public_name_is_documented(module: str) -> None:
    """Each public name of each public module is on a page, under its public name or that of its public module."""
    namespace = importlib.import_module(module)
    public = getattr(namespace, "__all__", None) or [name for name in vars(namespace) if not name.startswith("_")]
    own = {name for name in public if _is_ours(getattr(namespace, name))}
    documented = {name.rpartition(".")[2] for name in _documented()}
    assert own - documented == set()


def test_documented_names_exist() -> None:
    """No page documents a name that was removed."""
    for name in _documented():
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), name
