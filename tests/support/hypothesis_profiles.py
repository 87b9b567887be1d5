"""Profiles of Hypothesis. `HYPOTHESIS_PROFILE` selects one; `default` uses the same examples on every machine."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Different examples in each run, or the examples of --hypothesis-seed.
settings.register_profile("seeds", parent=settings.get_profile("default"), derandomize=False, database=None)
# A few examples, to run many tests on another contract.
settings.register_profile("quick", parent=settings.get_profile("default"), max_examples=8)


def load() -> None:
    """Select the profile that the environment names."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def is_quick() -> bool:
    """Whether only a few examples are used, too few for minimum counts."""
    return settings.get_current_profile_name() == "quick"


def examples_up_to(maximum: int) -> settings:
    """Settings with `maximum` examples, or fewer in the profile "quick"."""
    return settings(max_examples=min(maximum, settings().max_examples) if is_quick() else maximum)
