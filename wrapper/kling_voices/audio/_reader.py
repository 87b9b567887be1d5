"""The file object that FFmpeg reads: only the bytes of one file, and only until a deadline.

FFmpeg gets this object and never a path, so the content cannot make it open another file or URL.
"""

from __future__ import annotations

import time
from typing import BinaryIO

MAX_SECONDS = 20.0  # for one file; a recording of 30 seconds takes less than two


class DeadlineExceeded(Exception):
    """Reading and decoding took longer than MAX_SECONDS."""


class DeadlineReader:
    """The part of a file object that PyAV uses."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._end = time.monotonic() + MAX_SECONDS

    def require_time(self) -> None:
        """Raise DeadlineExceeded after the deadline."""
        if time.monotonic() > self._end:
            raise DeadlineExceeded

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes."""
        self.require_time()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position."""
        self.require_time()
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The position."""
        return self._file.tell()
