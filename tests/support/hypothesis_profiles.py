"""Profiles of Hypothesis. `HYPOTHESIS_PROFILE` selects one; `default` uses the same examples on every machine.

Tests without Hypothesis that may run longer follow the profile, too.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Different examples in each run, or the examples of --hypothesis-seed.
settings.register_profile("seeds", parent=settings.get_profile("default"), derandomize=False, database=None)
# A few examples, to run many tests on another contract.
settings.register_profile("quick", parent=settings.get_profile("default"), max_examples=8)
# `nox -s thorough`: more of everything.
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=500)


def load() -> None:
    """Select the profile that the environment names."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def is_quick() -> bool:
    """Whether only a few examples are used, too few for minimum counts."""
    return settings.get_current_profile_name() == "quick"


def is_thorough() -> bool:
    """Whether a run may take many times as long as usual."""
    return settings.get_current_profile_name() == "thorough"


def amount(normal: int, thorough: int) -> int:
    """How much a test does: `normal`, or `thorough` in the profile of that name."""
    return thorough if is_thorough() else normal


def examples_up_to(maximum: int) -> settings:
    """Settings with `maximum` examples; fewer in the profile "quick", and five times as many in "thorough"."""
    if is_quick():
        return settings(max_examples=min(maximum, settings().max_examples))
    return settings(max_examples=amount(maximum, 5 * maximum))
