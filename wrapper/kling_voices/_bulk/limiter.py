"""The limit of tasks that run at the same time, as a pure state machine without a clock.

Kling limits the tasks of an account that run at the same time, and refuses a create over the limit with 1303 (V). The
limit is not published to clients, and other users of the account take slots, too (?). So the limiter learns from
refusals. It remembers how many tasks were running at the last refusal (`known`):

- below it, or while it is unknown, the limit grows by one with each accepted create and each finished task;
- at it, the limit grows by one only after many finished tasks, as a probe, so refusals stay rare;
- an accepted probe shows that the account allows more, so `known` is forgotten.

With `"auto"` a refusal halves the limit. Running tasks are not affected, and the limit recovers while they finish. A
number is where the limit starts, and what it never exceeds; a refusal lowers it to the tasks that run.
"""

from __future__ import annotations

from .._flows.validation import validate_count
from ..errors import InvalidInputError
from .models import Parallel

MAX_PARALLEL = 1000
_AUTO_START = 2
_AUTO_MAX = 200
_MIN_HOLD = 12  # finished tasks between probes, so that fewer than one create in ten is refused
_MAX_PATIENCE = 4  # probes are rarer by this factor at most, while they are refused at the same number of tasks


def validate_parallel(parallel: object) -> None:
    """The argument `parallel`: `"auto"` or a whole number."""
    if parallel != "auto":
        if not isinstance(parallel, int):
            raise InvalidInputError(f"parallel is {parallel!r}; pass 'auto' or a whole number")
        validate_count("parallel", parallel, range(1, MAX_PARALLEL + 1))


class Limiter:
    """Counts the slots in use, and decides whether another create may be sent.

    A create belongs to the generation in which it was sent; each refusal begins a new one. Refusals of older
    generations are the same event: several creates were sent before the first refusal was known.

    Args:
        parallel: `"auto"` to search for the limit; a number to start at it and never exceed it.

    Attributes:
        sending: Creates that have no answer yet. Each may take a slot.
        tasks: Running tasks. Each uses a slot.
        limit: How many slots may be in use.
        refusals: Refused creates so far.
        consecutive_refusals: Refused creates since the last accepted one; the back-off grows with it.
    """

    def __init__(self, parallel: Parallel) -> None:
        validate_parallel(parallel)
        self._is_auto = parallel == "auto"
        self._ceiling = _AUTO_MAX if parallel == "auto" else parallel
        self.limit = _AUTO_START if parallel == "auto" else parallel
        self.sending = self.tasks = 0
        self.refusals = self.consecutive_refusals = 0
        self._known: int | None = None
        self._finished_since_probe = 0
        self._patience = 1
        self._generation = 0

    @property
    def running(self) -> int:
        """Slots in use."""
        return self.sending + self.tasks

    @property
    def has_room(self) -> bool:
        """Whether another slot may be taken."""
        return self.running < self.limit

    def send(self) -> int:
        """Take a slot for a create. Returns its generation."""
        self.sending += 1
        return self._generation

    def accepted(self, generation: int) -> None:
        """A create was accepted; its task uses the slot."""
        self.sending -= 1
        self.tasks += 1
        self.consecutive_refusals = 0
        if self._known is not None and self.tasks > self._known:
            if generation == self._generation:
                self._known = None
            else:  # sent before the refusal: the account allows as many as this, and perhaps no more
                self._known = self.tasks
                self.limit = max(self.limit, 1 if self._is_auto else self._known)
        if self._known is None or self.limit < self._known:
            self._grow()

    def refused(self, generation: int) -> None:
        """A create was refused because too many tasks run; its slot is free again."""
        self.sending -= 1
        self.refusals += 1
        is_new = generation == self._generation
        known, self._known = self._known, max(1, self.tasks)
        if is_new:
            self._patience = min(_MAX_PATIENCE, 2 * self._patience) if known == self._known else 1
        self._finished_since_probe = 0
        if is_new:
            self._generation += 1
            self.consecutive_refusals += 1
        reduced = self.limit // 2 if self._is_auto and is_new else self.limit
        self.limit = max(1, min(reduced, self._known))

    def failed(self) -> None:
        """A create ended without a task, for another reason; its slot is free again."""
        self.sending -= 1

    def adopt(self) -> None:
        """A task of an earlier run is still running; it uses a slot, too."""
        self.tasks += 1

    def finished(self) -> None:
        """A task has finished; its slot is free again."""
        if self._known is not None and self.limit < self._known:
            self._grow()
        elif self._known is not None:
            self._count_towards_probe()
        self.tasks -= 1

    def _count_towards_probe(self) -> None:
        self._finished_since_probe += 1
        # A refused probe halves the limit of "auto", so such a probe is sent once in a round of tasks.
        hold = max(_MIN_HOLD, self.limit) if self._is_auto else _MIN_HOLD
        if self._finished_since_probe >= hold * self._patience:
            self._finished_since_probe = 0
            self._grow()

    def _grow(self) -> None:
        if self.running >= self.limit:  # a limit that is not used says nothing about the account
            self.limit = min(self._ceiling, self.limit + 1)
