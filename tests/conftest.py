"""Tests run offline, with no keys in the environment, and draw the same examples on every machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import jinja2
import pytest

from .support import garbage, hypothesis_profiles, interrupts
from .support.clients import KINDS, Kind

if TYPE_CHECKING:
    from kling_voices._protocol.operations import OperationCatalog

hypothesis_profiles.load()
interrupts.restore()


def pytest_collection_finish() -> None:
    """Make garbage collections faster, now that the tests are imported."""
    garbage.freeze()


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The generator's templates are compiled once, and not for each of the hundreds of regenerations."""
    generator = sys.modules.get("openapi_python_client")
    if generator is None:
        yield
        return
    cache = jinja2.FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator, "Environment", partial(jinja2.Environment, bytecode_cache=cache))
        yield


@pytest.fixture(scope="session", autouse=True)
def _generated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Most regenerations are of a document that another test has regenerated, too."""
    if "pipeline.generate.generator" not in sys.modules:
        yield
        return
    from .support.generated_once import generated_once

    with generated_once(tmp_path_factory.mktemp("generated")):
        yield


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAINHUB_API_KEY", "KKIAI_API_KEY", "KLING_API_KEY", "KLING_GATEWAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """The kind of client, and its transport."""
    chosen: Kind = request.param
    return chosen


@pytest.fixture(scope="session")
def video_catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperationCatalog]:
    """The operations of a generated package with two more kinds of paid tasks: text2video, and videos of a model."""
    from .support import videos

    with videos.open_catalog(tmp_path_factory.mktemp("videos")) as catalog:
        yield catalog


@pytest.fixture
def video_contract(video_catalog: OperationCatalog, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The contract with videos, for a mock gateway; every client that the test creates has its operations."""
    from .support import videos

    for module in ("_sync_client", "_async_client"):
        monkeypatch.setattr(f"kling_voices.{module}.default_catalog", lambda: video_catalog)
    return videos.contract()
