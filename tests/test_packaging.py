"""The wheel: both packages, typed, with the contract; and tests that run against it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import kling_gateway
import kling_voices
import pytest

from tests.support.repository import ROOT


@pytest.mark.skipif("NOX_CURRENT_SESSION" not in os.environ, reason="an editable install is meant to be the checkout")
def test_the_installed_wheel_is_tested() -> None:
    """In `nox` the packages come from the environment, not from the checkout."""
    for package in (kling_voices, kling_gateway):
        assert Path(package.__file__ or "").is_relative_to(sys.prefix)


@pytest.mark.parametrize("package", ["kling_voices", "kling_gateway"])
def test_the_packages_are_typed(package: str) -> None:
    """Type checkers of users look into both."""
    assert files(package).joinpath("py.typed").is_file()


def test_the_contract_is_in_the_package() -> None:
    """The mock validates requests against it, wherever the package is installed."""
    contract = json.loads(files("kling_gateway").joinpath("contract.json").read_text(encoding="utf-8"))
    assert contract["openapi"].startswith("3.1")
    assert "/kling/v1/general/custom-voices" in contract["paths"]


def test_a_copy_without_metadata_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the packages are copied and not installed, requests go out all the same."""
    import importlib.metadata

    from kling_voices._http import clients

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    assert clients._headers()["User-Agent"].startswith("kling-voices/")
    monkeypatch.setattr(importlib.metadata, "version", missing)
    clients._headers.cache_clear()
    assert clients._headers()["User-Agent"] == "kling-voices"
    clients._headers.cache_clear()


def test_importing_is_light() -> None:
    """`import kling_voices` does not load httpx yet, and a client neither mock, nor command line, nor asyncio."""
    assert {"httpx", "kling_gateway"} & _loaded_by("kling_voices") == set()
    loaded, without = _loaded_by("kling_voices.client"), _loaded_by("httpx")
    heavy = {"kling_voices.mock", "kling_voices.cli", "typer", "jsonschema_rs", "h11", "asyncio.base_events"}
    assert heavy & (loaded - without) == set()
    assert "httpx" not in _loaded_by("kling_voices.cli._commands"), "a --help needs no client"


def _loaded_by(package: str) -> set[str]:
    probe = f"import sys, {package}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split())


def test_no_address_in_the_constraints() -> None:
    """Pins are names and versions, nothing else."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; .*)?", line)] == []
