"""A short run of the fuzzer; `nox -s fuzz` runs a million."""

from __future__ import annotations

import pytest

from contract_tests.consumer.fuzz import run


@pytest.mark.parametrize("seed", range(3))
def test_nothing_leaves_the_tree(seed: int) -> None:
    """Each of ten thousand answers is read, or ends in the tree; the run meets successes and most classes."""
    came = run(10_000, seed)
    assert came["read"] > 500
    assert len(came) >= 10
