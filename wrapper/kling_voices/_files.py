"""Opening a local recording: a regular file of a sensible size, or one clear sentence."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import InvalidInputError

MAX_BYTES = 200 * 2**20  # our own limit: 30 seconds of audio are a few megabytes, also with a video around them

# Opening a FIFO waits for a writer, and opening a device can have effects. So the type is checked before and after.
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def local_path(path: str | os.PathLike[str]) -> Path:
    """`path` as a Path.

    Raises:
        InvalidInputError: It is not a path, or is empty.
    """
    try:
        text = os.fspath(path)
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise InvalidInputError(f"the path is of type {type(path).__name__}; pass a string or a pathlib.Path")
    if not text or "\0" in text:
        raise InvalidInputError(f"{text!r} is not the path of a file; pass the path of a recording")
    return Path(text)


def is_file(path: Path) -> bool:
    """Whether `path` is a regular file. A name that no file can have, such as a very long one, is none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises for such a name


def open_recording(path: Path) -> BinaryIO:
    """Open a regular file for reading. It never waits and never opens anything else.

    Raises:
        InvalidInputError: It does not exist, is not a regular file, or cannot be read.
    """
    try:
        _require_regular_file(path, path.stat().st_mode)
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        _require_regular_file(path, os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def _require_regular_file(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "not a regular file")
        raise InvalidInputError(f"{path} is {kind}; pass the path of a recording")
