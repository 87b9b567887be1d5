"""Faults: how a mock gateway misbehaves, by rule or by a seeded rate. Its ledger of charges stays correct.

| kind | accepted? | what the client sees |
|---|---|---|
| refuse | no | no connection is made; over a socket, it is reset at once |
| reset_before | no | a reset instead of a response |
| shape_before | no | a response of `SHAPES`, named by `shape` |
| reset_after | yes | a reset instead of a response |
| reset_within | yes | half of the response, then a reset |
| cut_short | yes | half of the body, then an orderly end of the connection |
| false_length | yes | a Content-Length of half the body |
| no_answer | yes | nothing, until it gives up |
| late | yes | the response after `seconds`; in process at once, or a timeout if the client would not wait that long |
| shape_after | yes | a response of `SHAPES`, although the task exists |
| forget | yes | the response, but queries by the external id find nothing |
| fail_task | yes | the response, and the task fails |
| lose_callback | yes | the response, and no callbacks |
| late_callback | yes | the response, and each callback `seconds` late |
| duplicate_callback | yes | the response, and each callback twice, with the same `webhook-id` |
| reorder_callbacks | yes | the response, and the callback of `processing` after that of the end |
| forge_callback | yes | the response, and an additional callback that claims success, with a wrong signature |
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias, get_args

from attrs import define, field, frozen

from ..errors import InvalidInputError
from ._messages import DeliveryFault, Reply
from ._shapes import SHAPES

Kind: TypeAlias = Literal[
    "refuse",
    "reset_before",
    "shape_before",
    "reset_after",
    "reset_within",
    "cut_short",
    "false_length",
    "no_answer",
    "late",
    "shape_after",
    "forget",
    "fail_task",
    "lose_callback",
    "late_callback",
    "duplicate_callback",
    "reorder_callbacks",
    "forge_callback",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
# About the task that a create starts: these happen to creates only.
_ABOUT_TASKS = frozenset(KINDS[KINDS.index("forget") :])
_NOT_ACCEPTED = frozenset({"refuse", "reset_before", "shape_before"})
_DELIVERIES: dict[str, DeliveryFault] = {
    "refuse": DeliveryFault.REFUSED,
    "reset_before": DeliveryFault.RESET,
    "reset_after": DeliveryFault.RESET,
    "reset_within": DeliveryFault.RESET_WITHIN,
    "cut_short": DeliveryFault.CUT_SHORT,
    "false_length": DeliveryFault.FALSE_LENGTH,
    "no_answer": DeliveryFault.SILENT,
}

_LONGEST = 1_000_000_000  # seconds; later times are not valid dates


@frozen
class Fault:
    """A fault, and when it happens.

    The kinds of faults about tasks and callbacks (from `forget` on) apply to creates.

    Attributes:
        kind: What happens; see the table of this module.
        operation: The operationId that it happens to, or None for all.
        rate: The share of requests that it happens to, 0 to 1.
        times: How often it happens at most, or None for no limit.
        shape: For `shape_before` and `shape_after`: the name of the response in `SHAPES`.
        seconds: For `late` and `late_callback`: the delay in seconds.

    Raises:
        InvalidInputError: A value is not one of these.
    """

    kind: Kind
    operation: str | None = field(default=None, kw_only=True)
    rate: float = field(default=1.0, kw_only=True)
    times: int | None = field(default=None, kw_only=True)
    shape: str = field(default="kling 500 5000", kw_only=True)
    seconds: float = field(default=0.0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInputError(f"there is no fault {self.kind!r}; give one of {', '.join(KINDS)}")
        if self.shape not in SHAPES:
            raise InvalidInputError(f"there is no shape {self.shape!r}; give one of {', '.join(SHAPES)}")
        if not 0 <= self.rate <= 1:
            raise InvalidInputError(f"the rate of a fault is {self.rate!r}; give a share from 0 to 1")
        if not 0 <= self.seconds <= _LONGEST or (self.times is not None and self.times < 1):
            raise InvalidInputError("seconds of a fault must be 0 to 1,000,000,000, and times at least 1")

    @property
    def accepts(self) -> bool:
        """Whether the request is carried out, and a create charged."""
        return self.kind not in _NOT_ACCEPTED

    def apply(self, reply: Reply | None) -> Reply:
        """The reply that is sent instead of `reply`, which is None if the request was not accepted."""
        if self.kind in {"shape_before", "shape_after"} or reply is None:
            reply = SHAPES[self.shape]
        return reply._replace(
            delivery=_DELIVERIES.get(self.kind, DeliveryFault.NONE), delay=self.seconds if self.kind == "late" else 0.0
        )


@define
class _Rule:
    """A fault that is switched on, and how often it has happened."""

    number: int
    fault: Fault
    count: int = 0

    def applies(self, operation_id: str, *, is_create: bool) -> bool:
        is_left = self.fault.times is None or self.count < self.fault.times
        fits = is_create or self.fault.kind not in _ABOUT_TASKS
        return is_left and fits and self.fault.operation in {None, operation_id}


@define
class Faults:
    """The faults that are switched on, and the random source that decides about rates."""

    _random: random.Random
    _rules: list[_Rule] = field(factory=list)
    _added: int = 0

    @classmethod
    def seeded(cls, faults: Iterable[Fault], seed: int) -> Faults:
        """The same choices for the same seed and the same requests."""
        made = cls(random.Random(seed))  # noqa: S311 - chooses faults; not a secret
        for fault in faults:
            made.add(fault)
        return made

    def add(self, fault: Fault) -> int:
        """Switch a fault on; return its number."""
        self._added += 1
        self._rules.append(_Rule(self._added, fault))
        return self._added

    def remove(self, number: int) -> bool:
        """Switch a fault off; False if there is none of that number."""
        kept = [rule for rule in self._rules if rule.number != number]
        removed = len(kept) < len(self._rules)
        self._rules = kept
        return removed

    def clear(self) -> None:
        """Switch all faults off."""
        self._rules.clear()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def __iter__(self) -> Iterator[_Rule]:
        return iter(self._rules)

    def choose(self, operation_id: str, *, is_create: bool = False) -> Fault | None:
        """The first fault that happens to a request of that operation; `is_create`: whether it starts a task."""
        for rule in self._rules:
            if not rule.applies(operation_id, is_create=is_create):
                continue
            if rule.fault.rate < 1 and self._random.random() >= rule.fault.rate:
                continue
            rule.count += 1
            return rule.fault
        return None
