"""A generated package with two more kinds of paid tasks: text2video, and videos of a model that is in the path."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import regenerate
from kling_voices._protocol.operations import OperationCatalog

from tests.pages import copy_openapi

PAGE = Path(__file__).with_name("video_page.yaml")
PACKAGE = "kling_gateway_with_videos"  # a name of its own, so that it can be imported beside `kling_gateway`

CREATE, QUERY = "post_videos_text2video", "get_videos_text2video_by_id"
MODEL_CREATE, MODEL_QUERY = "post_models_by_model_videos", "get_models_by_model_videos_by_task_id"

WITHOUT_QUERY = "post_videos_effects"


def generate(folder: Path) -> Path:
    """Generate the package from the page; returns the folder that contains `kling_gateway`."""
    openapi = copy_openapi(folder)
    generated = folder / "generated"
    assert regenerate.main(["--openapi", str(openapi), "--generated", str(generated), str(PAGE)]) == 0
    return generated


@contextmanager
def open_catalog(folder: Path) -> Iterator[OperationCatalog]:
    """The operations of the generated package, importable while the context is open."""
    generated = generate(folder)
    shutil.copytree(generated / "kling_gateway", generated / PACKAGE)
    sys.path.insert(0, str(generated))
    importlib.invalidate_caches()
    try:
        yield OperationCatalog(PACKAGE)
    finally:
        sys.path.remove(str(generated))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def contract() -> dict[str, Any]:
    """The compiled contract of the package, while `open_catalog` is open."""
    document: dict[str, Any] = json.loads(files(PACKAGE).joinpath("contract.json").read_text(encoding="utf-8"))
    return document
