"""Checking a whole manifest before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import InvalidInputError
from .manifest import Row, read_manifest
from .models import VoiceRequest


class InvalidManifestError(InvalidInputError):
    """Lines of a manifest are invalid. Nothing was sent.

    Attributes:
        problems: Each invalid line, with its number.
    """

    def __init__(self, path: Path, problems: list[Row]) -> None:
        lines = "; ".join(f"line {row.line}: {row.problem}" for row in problems)
        super().__init__(f"{path}: {lines}")
        self.problems = problems


class CheckedManifest:
    """A manifest all of whose rows are valid. It is read again for each iteration, so memory does not grow with it.

    Args:
        path: The file.

    Attributes:
        count: The number of rows.

    Raises:
        InvalidManifestError: Rows are invalid; all of them are named.
        InvalidInputError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        problems: list[Row] = []
        taken: dict[str, tuple[int, VoiceRequest]] = {}  # only explicit external ids
        for row in read_manifest(path):
            if row.request is None:
                problems.append(row)
                continue
            self.count += 1
            if row.request.external_task_id:
                line, other = taken.setdefault(row.request.external_task_id, (row.line, row.request))
                if other != row.request:
                    problem = f"external_task_id {row.request.external_task_id!r} is also that of line {line}"
                    problems.append(Row(row.line, None, f"{problem}; use another id"))
        if problems:
            raise InvalidManifestError(path, problems)
        if not self.count:
            raise InvalidInputError(f"the manifest {path} has no requests; add a line for each voice")

    def __iter__(self) -> Iterator[VoiceRequest]:
        for row in self.rows():
            yield row[1]

    def rows(self) -> Iterator[tuple[int, VoiceRequest]]:
        """The number of each row's first line, and its request. Raises InvalidInputError if the file has changed."""
        for row in read_manifest(self.path):
            if row.request is None:
                raise InvalidManifestError(self.path, [row])
            yield row.line, row.request
