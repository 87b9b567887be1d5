"""Checking a whole manifest before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import InvalidInputError
from .manifest import Row, read_manifest
from .models import VoiceRequest


class CheckedManifest:
    """A manifest that was read once, to find every problem. It is read again for each iteration, so memory stays flat.

    Args:
        path: The file.

    Attributes:
        count: The number of valid rows.
        files: The number of valid rows with a recording.
        problems: The invalid rows. The manifest may only be used if there are none.

    Raises:
        InvalidInputError: The file cannot be read, or it has no rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = self.files = 0
        self.problems: list[Row] = []
        taken: dict[str, tuple[int, VoiceRequest]] = {}  # only explicit external ids
        for row in read_manifest(path):
            if row.request is None:
                self.problems.append(row)
                continue
            self.count += 1
            self.files += row.request.voice_file is not None
            if row.request.external_task_id:
                line, other = taken.setdefault(row.request.external_task_id, (row.line, row.request))
                if other != row.request:
                    problem = f"external_task_id {row.request.external_task_id!r} is also that of line {line}"
                    self.problems.append(Row(row.line, None, f"{problem}; use another id"))
        if not self.count and not self.problems:
            raise InvalidInputError(f"the manifest {path} has no requests; add a line for each voice")

    def rows(self) -> Iterator[tuple[int, VoiceRequest]]:
        """The number of each row's first line, and its request. Raises InvalidInputError if the file has changed."""
        for row in read_manifest(self.path):
            if row.request is None:
                raise InvalidInputError(f"{self.path}, line {row.line}: {row.problem}")
            yield row.line, row.request
