"""What to do about contradictions and misfits of the wrapper: commands, and the tests that fail until then."""

from __future__ import annotations

from ..facts.contradictions import Contradiction
from .wrapper_usage import REQUESTS

DECISION_TEST = "contract_tests/documents/test_contradictions.py::test_it_is_decided"


def failing_test(contradiction: Contradiction) -> str:
    """The test that fails until somebody has decided."""
    return f"{DECISION_TEST}[{contradiction.name}]"


def keep_command(contradiction: Contradiction) -> str:
    """The command that keeps what is known."""
    return f'nox -s regenerate -- --keep "{contradiction.name}" --reason "…"'


def accept_command(contradiction: Contradiction) -> str:
    """The command that accepts what the page says."""
    return f'nox -s regenerate -- --accept "{contradiction.name}" --reason "…"'


MISFIT_ADVICE = (
    f"nox -s types fails, and so does every test that makes this request, until {REQUESTS} fits the generated code"
)
