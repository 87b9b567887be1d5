"""There is a decision for every contradiction between a stored page and a known fact."""

from __future__ import annotations

import pytest
from pipeline.diff.advice import accept_command, keep_command
from pipeline.facts.contradictions import Contradiction
from pipeline.generate import assemble

from tests.support.repository import OPENAPI

UNDECIDED = {each.name: each for each in assemble.undecided(OPENAPI, assemble.named_document(OPENAPI))}


@pytest.mark.parametrize("contradiction", UNDECIDED.values() or [None], ids=UNDECIDED or ["none"])
def test_it_is_decided(contradiction: Contradiction | None) -> None:
    """No contradiction is undecided; for each that is, the message says what to do."""
    if contradiction is not None:
        pytest.fail(
            f"{contradiction.name}: the page says {contradiction.page!r}, the known value is {contradiction.known!r}. "
            f"To keep what is known: {keep_command(contradiction)}. To accept the page: {accept_command(contradiction)}"
        )
