"""Check by SHA-256 that the supplied documents are unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..spec.documents import DocumentError

LEDGER = "SHA256SUMS"
SOURCES = "SOURCES.json"
_RECORDS = (LEDGER, SOURCES)  # written by us, so they have no digest


def read_digests(folder: Path) -> dict[str, str]:
    """File name → SHA-256 in hexadecimal, in the order of arrival, from a ledger that `sha256sum -c` reads too."""
    lines = (folder / LEDGER).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def compute_digests(folder: Path) -> dict[str, str]:
    """File name → SHA-256 of each file in the folder, without the records."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in _RECORDS)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write_digests(folder: Path) -> None:
    """Write the ledger; files that it has keep their place, and new ones come last."""
    found = compute_digests(folder)
    order = dict.fromkeys([*(name for name in read_digests(folder) if name in found), *found])
    lines = "".join(f"{found[name]}  {name}\n" for name in order)
    (folder / LEDGER).write_text(lines, encoding="utf-8")


def verify_digests(folder: Path) -> None:
    """Raise DocumentError when a supplied document was edited, lost, or added without its digest."""
    expected, found = read_digests(folder), compute_digests(folder)
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            raise DocumentError(f"{name}: listed in {LEDGER} but missing; restore it from version control")
        if name not in expected:
            raise DocumentError(
                f"{name}: not listed in {LEDGER}; move it to another folder, and pass it to `nox -s regenerate`"
            )
        if expected[name] != found[name]:
            raise DocumentError(f"{name}: differs from what was supplied; restore it from version control")
