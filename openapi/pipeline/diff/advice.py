"""Advice for contradictions and for lines of the wrapper that no longer fit: commands, and the tests that fail."""

from __future__ import annotations

import json
from typing import Any

from ..facts.contradictions import RESPONSE, STATUS, UNDESCRIBED, Contradiction
from .wrapper_usage import REQUESTS

_LONGEST_VALUE = 100  # characters
DECISION_TEST = "contract_tests/documents/test_contradictions.py::test_it_is_decided"


def describe(contradiction: Contradiction) -> str:
    """The value of the page, and the known value."""
    each = contradiction
    if each.keyword == UNDESCRIBED:
        return "the wrapper sends this field, and the page does not describe it"
    if each.direction == RESPONSE and each.keyword != STATUS:
        return f"the page says {_shown(each.page)}, and the known responses, which the mock sends, violate it"
    known = f"the known value is {_shown(each.known)}" if each.known is not None else "no such rule is known"
    return f"the page says {_shown(each.page)}, {known}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def failing_test(contradiction: Contradiction) -> str:
    """The test that fails until there is a decision."""
    return f"{DECISION_TEST}[{contradiction.name}]"


def keep_command(contradiction: Contradiction) -> str:
    """The command that keeps the known value."""
    return f'nox -s regenerate -- --keep "{contradiction.name}" --reason "…"'


def accept_command(contradiction: Contradiction) -> str:
    """The command that accepts the value of the page."""
    return f'nox -s regenerate -- --accept "{contradiction.name}" --reason "…"'


MISFIT_ADVICE = (
    f"nox -s types fails, and so does every test that makes this request, until {REQUESTS} fits the generated code"
)
