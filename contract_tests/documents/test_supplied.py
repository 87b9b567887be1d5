"""The supplied documents are byte for byte what was supplied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pipeline.ingest import digests
from pipeline.spec.documents import DocumentError

from tests.support.repository import OPENAPI

SUPPLIED = OPENAPI / "supplied"
DIGESTS = {
    "chainhub-custom-voices.page.md": "c658c23f26d90fc4be9cefd7c744f4ab707adfc6c0d9e1fbb12ef727dffe64cc",
    "chainhub-custom-voices.yaml": "76d0cda53a3e8b55e84fe4970bf8771500db2d12e14daa1874b192119309bf28",
    "kkiai-custom-voices.page.md": "8c336e16c71509462af8affe80818890c16da224fa28853610ee5d5674255189",
}


def test_they_are_what_was_supplied() -> None:
    """Their SHA-256 is that of the day when they came, and the ledger says the same."""
    assert DIGESTS.items() <= digests.compute_digests(SUPPLIED).items()
    assert digests.compute_digests(SUPPLIED) == digests.read_digests(SUPPLIED)


@pytest.mark.parametrize("fault", ["edited", "missing", "extra"])
def test_a_change_is_seen(tmp_path: Path, fault: str) -> None:
    """An edited, a missing and an extra document are each refused by name."""
    folder = tmp_path / "supplied"
    shutil.copytree(SUPPLIED, folder)
    name = "chainhub-custom-voices.yaml" if fault != "extra" else "extra.yaml"
    if fault == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_text("openapi: 3.0.1\n", encoding="utf-8")
    with pytest.raises(DocumentError, match=name):
        digests.verify_digests(folder)
