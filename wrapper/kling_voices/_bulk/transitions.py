"""The states of a request in the ledger, and the transitions between them. This module performs no I/O.

planned ──▶ intended ──▶ accepted ──▶ succeeded
   ▲  │         │  ▲         ▲   └──▶ failed
   │  ▼         ▼  └──────┐  │
refused ◀───────┴──▶ unknown ┘

`intended` is committed before the first byte of a create is sent. So a create that is `planned` was certainly not sent,
and one that is `intended` may have been sent, even if the process ended.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

State: TypeAlias = Literal["planned", "intended", "accepted", "succeeded", "failed", "refused", "unknown"]

# To each state: the states that it can follow, and why.
_FOLLOWS: dict[State, frozenset[State]] = {
    # The gateway rejected the create for a reason that lies in the account, so it is sent again; or refused ones are.
    "planned": frozenset({"intended", "refused"}),
    # From unknown only if the caller takes the risk of a second charge.
    "intended": frozenset({"planned", "unknown"}),
    # From planned or refused: the gateway says that the id is taken, because another ledger has used it.
    "accepted": frozenset({"planned", "intended", "unknown"}),
    "succeeded": frozenset({"accepted"}),
    "failed": frozenset({"accepted"}),
    "refused": frozenset({"planned", "intended"}),
    "unknown": frozenset({"intended", "unknown"}),
}

FINAL: frozenset[State] = frozenset({"succeeded", "failed", "refused"})
HELD: frozenset[State] = frozenset({"intended", "accepted"})  # one run at a time works on these


def sources(target: State) -> frozenset[State]:
    """The states from which a request can change to `target`."""
    return _FOLLOWS[target]
