"""Generate the package of each document once in a process, and copy it from then on.

The result depends on the document alone: the nox session `drift` checks that another process writes the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pipeline.generate import generator


@contextmanager
def generated_once(folder: Path) -> Iterator[None]:
    """Generated packages are kept in `folder` while the context is open."""
    generate, kept = generator.generate, dict[str, Path]()

    def generate_or_copy(document: dict[str, Any], package: Path, scratch: Path) -> None:
        key = json.dumps(document)
        if key in kept:
            shutil.copytree(kept[key], package)
            return
        generate(document, package, scratch)
        kept[key] = Path(shutil.copytree(package, folder / str(len(kept))))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator, "generate", generate_or_copy)
        yield
