"""How a mock gateway can be told to misbehave, by rule or by a seeded rate, while it stays honest about charges.

| kind | accepted? | what the client sees |
|---|---|---|
| refuse | no | no connection is made; over a socket, one that is reset at once |
| reset_before | no | a reset in place of an answer |
| shape_before | no | an answer of `SHAPES`, named by `shape` |
| reset_after | yes | a reset in place of an answer |
| reset_within | yes | half of the answer, then a reset |
| cut_short | yes | half of the body, then an orderly end |
| false_length | yes | a Content-Length of half the body |
| no_answer | yes | nothing, until it gives up |
| late | yes | the answer, after `seconds`; in process at once, or a time-out where a client would not wait so long |
| shape_after | yes | an answer of `SHAPES`, though the task exists |
| forget | yes | the answer; but queries by the external id find nothing |
| lose_callback | yes | the answer; but nobody is called back |
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from attrs import define, field, frozen

from ..errors import InvalidInputError
from ._messages import Reply, Wire
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
    "lose_callback",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
_NOT_ACCEPTED = frozenset({"refuse", "reset_before", "shape_before"})
_WIRES: dict[str, Wire] = {
    "refuse": Wire.REFUSED,
    "reset_before": Wire.RESET,
    "reset_after": Wire.RESET,
    "reset_within": Wire.RESET_WITHIN,
    "cut_short": Wire.CUT_SHORT,
    "false_length": Wire.FALSE_LENGTH,
    "no_answer": Wire.SILENT,
}


@frozen
class Fault:
    """One way to misbehave, and when.

    Attributes:
        kind: What happens; see the table of this module.
        operation: The operationId that it happens to, or None for all.
        rate: The share of requests that it happens to, 0 to 1.
        times: How often it happens at most, or None for ever.
        shape: For `shape_before` and `shape_after`: which of `SHAPES` is answered.
        seconds: For `late`: how late.
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

    @property
    def accepts(self) -> bool:
        """Whether the request is carried out, and a create charged."""
        return self.kind not in _NOT_ACCEPTED

    def bend(self, reply: Reply | None) -> Reply:
        """What goes out in place of `reply`, which is None where the request was not accepted."""
        if self.kind in {"shape_before", "shape_after"} or reply is None:
            reply = SHAPES[self.shape]
        return reply._replace(
            wire=_WIRES.get(self.kind, Wire.WHOLE), delay=self.seconds if self.kind == "late" else 0.0
        )


@define
class Faults:
    """The faults that are in force, and the chance that decides."""

    _rules: list[Fault]
    _random: random.Random
    _spent: dict[int, int] = field(factory=dict)  # how often the rule with that index has happened

    @classmethod
    def seeded(cls, rules: Iterable[Fault], seed: int) -> Faults:
        """The same choices for the same seed and the same requests."""
        return cls(list(rules), random.Random(seed))  # noqa: S311 - chooses faults, keeps no secret

    def add(self, fault: Fault) -> None:
        """From now on, too."""
        self._rules.append(fault)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def choose(self, operation_id: str) -> Fault | None:
        """The first fault that happens to a request of that operation."""
        for index, fault in enumerate(self._rules):
            spent = self._spent.get(index, 0)
            if fault.operation not in {None, operation_id} or (fault.times is not None and spent >= fault.times):
                continue
            if fault.rate < 1 and self._random.random() >= fault.rate:
                continue
            self._spent[index] = spent + 1
            return fault
        return None
