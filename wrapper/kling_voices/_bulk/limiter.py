"""How many tasks may run at the same time: a pure state machine, without a clock.

Kling limits the tasks of an account that run at the same time, and refuses a create over the limit with 1303 (V). The
limit is not published to clients, and other users of the account take slots, too (?). So the limiter learns from
refusals. It remembers the number of running tasks at the last refusal (`known`):

- below it, or while it is unknown, the limit grows by one with each accepted create and each finished task;
- at it, the limit grows by one only after `hold` finished tasks, as a probe, so refusals stay rare;
- an accepted probe shows that the account allows more, so `known` is forgotten.

A refusal halves the limit. Tasks that are already running are not affected; the limit recovers while they finish.
"""

from __future__ import annotations

from .._flows.validation import validate_count
from ..errors import InvalidInputError
from .models import Parallel

MAX_PARALLEL = 1000
_AUTO_START = 2
_AUTO_MAX = 200
_MIN_HOLD = 12  # finished tasks between probes, so that fewer than one create in ten is refused


def validate_parallel(parallel: object) -> None:
    """The argument `parallel`: `"auto"` or a whole number."""
    if parallel != "auto":
        if not isinstance(parallel, int):
            raise InvalidInputError(f"parallel is {parallel!r}; pass 'auto' or a whole number")
        validate_count("parallel", parallel, range(1, MAX_PARALLEL + 1))


class Limiter:
    """Counts the slots in use, and decides whether another create may be sent.

    Args:
        parallel: `"auto"` to search for the limit; a number to start at it and never exceed it.

    Attributes:
        running: Slots in use: creates that are being sent, and tasks that run.
        limit: How many slots may be in use.
        refusals: Refused creates so far.
        consecutive_refusals: Refused creates since the last accepted one; the back-off grows with it.
    """

    def __init__(self, parallel: Parallel) -> None:
        validate_parallel(parallel)
        self._is_auto = parallel == "auto"
        self._ceiling = _AUTO_MAX if parallel == "auto" else parallel
        self.limit = _AUTO_START if parallel == "auto" else parallel
        self.running = 0
        self.refusals = 0
        self.consecutive_refusals = 0
        self._known: int | None = None
        self._finished_since_probe = 0
        self._generation = 0

    @property
    def has_room(self) -> bool:
        """Whether another slot may be taken."""
        return self.running < self.limit

    def take(self) -> int:
        """Take a slot. Returns the generation of the create, for `refused`."""
        self.running += 1
        return self._generation

    def accepted(self) -> None:
        """A create was accepted; its task keeps the slot."""
        self.consecutive_refusals = 0
        if self._known is not None and self.running > self._known:
            self._known = None
        if self._known is None or self.limit < self._known:
            self._grow()

    def refused(self, generation: int) -> None:
        """A create was refused because too many tasks run; its slot is free again."""
        self.running -= 1
        self.refusals += 1
        if generation != self._generation:  # sent before the last refusal was known: the same event
            return
        self._generation += 1
        self.consecutive_refusals += 1
        self._known = max(1, self.running)
        self._finished_since_probe = 0
        self.limit = max(1, self.limit // 2) if self._is_auto else min(self.limit, self._known)

    def finished(self) -> None:
        """A task has finished, or a create has failed in another way; the slot is free again."""
        if self._known is not None and self.limit < self._known:
            self._grow()
        elif self._known is not None:
            self._count_towards_probe()
        self.running -= 1

    def _count_towards_probe(self) -> None:
        self._finished_since_probe += 1
        if self._finished_since_probe >= max(_MIN_HOLD, self.limit):
            self._finished_since_probe = 0
            self._grow()

    def _grow(self) -> None:
        if self.running >= self.limit:  # a limit that is not used says nothing about the account
            self.limit = min(self._ceiling, self.limit + 1)
