"""The objects that belong to a stage, because they did not exist before it. This module performs no I/O."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

_BATCH = 1000  # names in one deletion; the limit of S3


class Uploads:
    """The names of the objects of one stage, and how often each is in use. Thread-safe."""

    def __init__(self) -> None:
        self._uses: Counter[str] = Counter()
        self._failed: set[str] = set()
        self._released: set[str] = set()
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @contextmanager
    def in_turn(self, name: str) -> Iterator[None]:
        """Only one thread at a time, so a second one waits for the upload of the first."""
        with self._lock:
            turn = self._turns[name]
        with turn:
            yield

    def claim(self, name: str, *, exists: bool) -> bool:
        """Record one use; returns whether the caller must upload the object, which then belongs to this stage."""
        with self._lock:
            is_ours = name in self._uses
            must_upload = name in self._failed or not (is_ours or exists)
            if is_ours or must_upload:
                self._uses[name] += 1
            self._failed.discard(name)
            return must_upload

    def retract(self, name: str, *, may_exist: bool) -> None:
        """An upload has failed. An object that may exist stays ours. The next claim uploads it again."""
        with self._lock:
            self._uses[name] -= 1
            self._failed.add(name)
            if not may_exist and self._uses[name] <= 0:
                del self._uses[name]

    def end_use(self, name: str) -> bool:
        """End one use; returns whether the object can be deleted."""
        with self._lock:
            if name not in self._uses or name in self._released:
                return False
            self._uses[name] -= 1
            return self._uses[name] <= 0

    def release(self, name: str | None) -> None:
        """Keep one object, or all."""
        with self._lock:
            self._released |= set(self._uses) if name is None else {name} & set(self._uses)

    def forget(self, names: Iterable[str]) -> None:
        """Objects that were deleted."""
        with self._lock:
            for name in names:
                self._uses.pop(name, None)

    def names(self) -> list[str]:
        """All objects of this stage."""
        with self._lock:
            return sorted(self._uses)

    def to_delete(self) -> list[str]:
        """All objects that are not kept."""
        with self._lock:
            return sorted(self._uses.keys() - self._released)


def batched(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """The names in groups that one request can delete."""
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]
