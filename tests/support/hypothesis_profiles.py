"""Profiles of Hypothesis. `HYPOTHESIS_PROFILE` selects one; `default` draws the same examples on every machine."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Different examples in each run, or those of --hypothesis-seed.
settings.register_profile("seeds", parent=settings.get_profile("default"), derandomize=False, database=None)


def load() -> None:
    """Select the profile that the environment names."""
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
