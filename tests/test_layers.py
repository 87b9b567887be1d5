"""The unit tests do not depend on the contract harness, and Hypothesis is configured in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .support.repository import ROOT

MODULES = sorted((ROOT / "tests").rglob("*.py"))
WRAPPER = ROOT / "wrapper" / "kling_voices"


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


def _uses_httpx(module: Path) -> bool:
    """Whether a module imports httpx, and not only for type checkers."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for_types = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    ignored = {id(node) for block in for_types for node in ast.walk(block)}
    names = [
        name
        for node in ast.walk(tree)
        if id(node) not in ignored and isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    ]
    return "httpx" in names


def test_few_modules_import_httpx() -> None:
    """Only `_http/`, the clients (for one type) and the mock gateway import httpx, which has a successor."""
    users = {path.relative_to(WRAPPER).as_posix() for path in WRAPPER.rglob("*.py") if _uses_httpx(path)}
    assert {user for user in users if not user.startswith("_http/")} == {
        "_async_client.py",
        "_sync_client.py",
        "mock/_callbacks.py",
        "mock/_gateway.py",
        "mock/_transport.py",
    }
    assert "_http/runners.py" in users
