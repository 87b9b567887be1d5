"""The supplied documents are byte for byte what was supplied: `SHA256SUMS` is the only record of their digests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pipeline.ingest import digests
from pipeline.spec.documents import DocumentError

from tests import pages
from tests.support.repository import OPENAPI


def test_they_are_what_was_supplied() -> None:
    """Each supplied document has the recorded digest, and no other file lies beside them."""
    digests.verify_digests(OPENAPI / "supplied")


@pytest.mark.parametrize("fault", ["edited", "missing", "extra"])
def test_a_change_is_detected(tmp_path: Path, fault: str) -> None:
    """An edited, a missing and an extra document are each refused by name."""
    folder = tmp_path / "supplied"
    shutil.copytree(pages.SUPPLIED, folder)
    name = "chainhub-custom-voices.yaml" if fault != "extra" else "extra.yaml"
    if fault == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_text("openapi: 3.0.1\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=name):
        digests.verify_digests(folder)
