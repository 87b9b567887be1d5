"""Clients whose generated package has two more kinds of paid tasks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from kling_voices._protocol.operations import OperationCatalog

from tests.support import videos


@pytest.fixture(scope="session")
def video_catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperationCatalog]:
    """The operations of the package with videos."""
    with videos.open_catalog(tmp_path_factory.mktemp("videos")) as catalog:
        yield catalog


@pytest.fixture
def contract(video_catalog: OperationCatalog, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The contract with videos; clients know its operations during the test."""
    for module in ("_sync_client", "_async_client"):
        monkeypatch.setattr(f"kling_voices.{module}.default_catalog", lambda: video_catalog)
    return videos.contract(Path(str(files(videos.PACKAGE))))
