"""Compare two folders file by file, and put one in the place of the other."""

from __future__ import annotations

import shutil
from pathlib import Path


def files(folder: Path) -> dict[str, bytes]:
    """Relative path → content of every file below `folder`, byte-code aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(expected: Path, found: Path) -> list[str]:
    """One line for each file of `found` that is edited, missing or extra, measured by `expected`."""
    wanted, present = files(expected), files(found) if found.is_dir() else {}
    lines = []
    for name in sorted(wanted.keys() | present.keys()):
        if name not in present:
            lines.append(f"missing: {name}")
        elif name not in wanted:
            lines.append(f"extra: {name}")
        elif wanted[name] != present[name]:
            lines.append(f"edited: {name}")
    return lines


def replace(folder: Path, by: Path) -> None:
    """Put the content of `by` where `folder` is: beside it first, then two renames, so that no half is ever seen."""
    fresh, old = folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        shutil.copytree(by, fresh, ignore=shutil.ignore_patterns("__pycache__"))
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except BaseException:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)
