"""A short run of the fuzzer; `nox -s fuzz` parses a million responses."""

from __future__ import annotations

import pytest

from contract_tests.consumer.fuzz import run


@pytest.mark.parametrize("seed", range(3))
def test_only_errors_of_the_package_are_raised(seed: int) -> None:
    """Each of ten thousand responses is parsed or raises an error of the package; most error classes occur."""
    results = run(10_000, seed)
    assert results["parsed"] > 500
    assert len(results) >= 10
