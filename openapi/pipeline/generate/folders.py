"""Compare two folders file by file, and replace files and folders: all of them, or none."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def read_files(folder: Path) -> dict[str, bytes]:
    """Relative path → content of every file below `folder`, except byte-code."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def compare_folders(expected: Path, found: Path) -> list[str]:
    """One line for each file of `found` that is edited, missing or extra, compared with `expected`."""
    wanted, present = read_files(expected), read_files(found) if found.is_dir() else {}
    lines = []
    for name in sorted(wanted.keys() | present.keys()):
        if name not in present:
            lines.append(f"missing: {name}")
        elif name not in wanted:
            lines.append(f"extra: {name}")
        elif wanted[name] != present[name]:
            lines.append(f"edited: {name}")
    return lines


class Replacement:
    """Files and folders that will replace others."""

    def __init__(self) -> None:
        self._pairs: list[tuple[Path, Path, Path]] = []  # place, new content, old content

    def put(self, fresh: Path, place: Path) -> None:
        """Copy `fresh` beside `place`, so that a full disk is detected before anything has changed."""
        place = place.resolve()  # a link stays a link
        new, old = place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")
        for leftover in (new, old):
            _remove(leftover)
        self._pairs.append((place, new, old))
        if fresh.is_dir():
            shutil.copytree(fresh, new, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(fresh, new)

    def commit(self) -> None:
        """Rename all of them; if one fails, undo the earlier ones."""
        done: list[tuple[Path, Path, Path]] = []
        try:
            for place, new, old in self._pairs:
                done.append((place, new, old))
                if place.exists():
                    place.rename(old)
                new.rename(place)
        except BaseException:
            for place, new, old in reversed(done):
                if old.exists():
                    if place.exists():
                        place.rename(new)
                    old.rename(place)
            raise

    def clean(self) -> None:
        """Remove the copies beside the places."""
        for _, new, old in self._pairs:
            _remove(new)
            _remove(old)


@contextmanager
def replace_all() -> Iterator[Replacement]:
    """At the end of the block, replace everything that was put in it, or nothing."""
    replacement = Replacement()
    try:
        yield replacement
        with _uninterrupted():
            replacement.commit()
    finally:
        with _uninterrupted():
            replacement.clean()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM during the few renames."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
