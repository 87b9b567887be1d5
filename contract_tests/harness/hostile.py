"""The faults of a hostile gateway: one in five creates fails ambiguously, and many queries fail."""

from __future__ import annotations

from kling_voices.mock import Fault
from kling_voices.mock._faults import Kind

AMBIGUOUS: tuple[Kind, ...] = (
    "reset_before",
    "reset_after",
    "reset_within",
    "cut_short",
    "false_length",
    "no_answer",
    "shape_before",
    "shape_after",
)
_SHARE = 0.2 / len(AMBIGUOUS)


def hostile_faults(create: str, query: str) -> list[Fault]:
    """The faults for a create and the query of its tasks. Each ambiguous fault is equally frequent."""
    return [
        # Only one fault happens to a request, so the rate of each is its share of the requests that are left.
        *(Fault(kind, operation=create, rate=_SHARE / (1 - number * _SHARE)) for number, kind in enumerate(AMBIGUOUS)),
        Fault("refuse", operation=create, rate=0.05),
        Fault("shape_before", operation=create, rate=0.05, shape="kling 429 1302"),
        Fault("shape_before", operation=create, rate=0.01, shape="kling 429 1102"),
        Fault("shape_before", operation=query, rate=0.4, shape="HTML 502"),
    ]
