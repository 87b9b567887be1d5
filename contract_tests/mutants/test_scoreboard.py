"""The seeded faults are data that applies: each edit stands in its file, is a change, and has a name of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from contract_tests.mutants.scoreboard import (
    SUITE,
    Equivalent,
    Fault,
    StaleFaultError,
    apply,
    read_equivalents,
    read_faults,
)
from tests.support.repository import ROOT

FAULTS = read_faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.group}: {fault.name}")
def test_the_edit_applies(fault: Fault) -> None:
    """What the fault replaces stands in its file, and what it puts there is something else."""
    assert fault.old in (ROOT / fault.file).read_text(encoding="utf-8")
    assert fault.old != fault.new
    assert fault.suffers


@pytest.mark.parametrize("equivalent", read_equivalents(), ids=lambda equivalent: equivalent.name)
def test_what_is_equivalent_is_still_there(equivalent: Equivalent) -> None:
    """An edit that was judged equivalent stands in its file, and has its proof."""
    assert equivalent.old in (ROOT / equivalent.file).read_text(encoding="utf-8")
    assert equivalent.old != equivalent.new
    assert equivalent.proof


def test_there_are_enough() -> None:
    """At least three groups and sixty faults, and no name twice."""
    assert Counter(fault.group for fault in FAULTS).keys() >= {"client", "mock", "contract"}
    assert len({(fault.group, fault.name) for fault in FAULTS}) == len(FAULTS) >= 60


def test_a_stale_fault_is_seen(tmp_path: Path) -> None:
    """An edit that no longer applies is an error, and not a fault that was caught."""
    (tmp_path / "module.py").write_text("new text\n", encoding="utf-8")
    with pytest.raises(StaleFaultError, match="no longer holds 'old text'"):
        apply(Fault("client", "x", "y", "module.py", "old text", ""), tmp_path)


def test_the_suite_exists() -> None:
    """Every path that the scoreboard runs is there."""
    assert [path for path in SUITE if not (ROOT / path).exists()] == []
