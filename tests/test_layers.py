"""The unit tests do not depend on the contract harness, and Hypothesis is configured in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .support.repository import ROOT

MODULES = sorted((ROOT / "tests").rglob("*.py"))


def _imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_unit_tests_do_not_import_the_contract_harness(module: Path) -> None:
    """No module under tests/ imports from contract_tests."""
    assert [name for name in _imported(module) if name.partition(".")[0] == "contract_tests"] == []


def test_one_module_defines_the_hypothesis_profiles() -> None:
    """Only `tests/support/hypothesis_profiles.py` registers or loads profiles of Hypothesis."""
    calls = ("register_profile(", "load_profile(")
    modules = [*MODULES, *(ROOT / "contract_tests").rglob("*.py")]
    users = [path for path in modules if any(f"settings.{call}" in path.read_text(encoding="utf-8") for call in calls)]
    assert [path.name for path in users] == ["hypothesis_profiles.py"]
