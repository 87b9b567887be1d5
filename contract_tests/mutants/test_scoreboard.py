"""The seeded faults apply, and the scoreboard distinguishes caught faults, survivors and tests that cannot run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from contract_tests.mutants import catalog, runner, scoreboard
from contract_tests.mutants.catalog import Equivalent, Fault, StaleFaultError, read_equivalents, read_faults
from tests.support.repository import ROOT

FAULTS = read_faults()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.group}: {fault.name}")
def test_the_edit_applies(fault: Fault) -> None:
    """The file contains the text that the fault replaces, and the replacement differs from it."""
    assert fault.old in (ROOT / fault.file).read_text(encoding="utf-8")
    assert fault.old != fault.new
    assert fault.consequence


@pytest.mark.parametrize("equivalent", read_equivalents(), ids=lambda equivalent: equivalent.name)
def test_the_equivalent_edit_applies(equivalent: Equivalent) -> None:
    """The file contains the text of an equivalent edit, and the edit has a proof."""
    assert equivalent.old in (ROOT / equivalent.file).read_text(encoding="utf-8")
    assert equivalent.old != equivalent.new
    assert equivalent.proof


def test_there_are_enough() -> None:
    """There are at least three groups and sixty faults, and all names differ."""
    assert Counter(fault.group for fault in FAULTS).keys() >= {"client", "mock", "contract", "harness"}
    assert len({(fault.group, fault.name) for fault in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize("path", sorted({fault.first.partition("::")[0] for fault in FAULTS if fault.first}))
def test_the_first_test_exists(path: str) -> None:
    """The file of a test that a fault names in `first` exists and defines the test."""
    text = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
    names = {
        fault.first.partition("::")[2].partition("[")[0] for fault in FAULTS if fault.first and path in fault.first
    }
    assert (ROOT / path).exists()
    assert [name for name in names if name and f"def {name}(" not in text] == []


def test_every_path_exists() -> None:
    """Every path that the suite runs or ignores exists."""
    assert [path for path in (*runner.SUITE, *runner.IGNORED) if not (ROOT / path).exists()] == []


def test_a_stale_fault_is_an_error(tmp_path: Path) -> None:
    """An edit that no longer applies is an error, not a caught fault."""
    (tmp_path / "module.py").write_text("new text\n", encoding="utf-8")
    with pytest.raises(StaleFaultError, match="no longer contains 'old text'"):
        catalog.apply(Fault("client", "x", "y", "module.py", "old text", ""), tmp_path)


def test_a_word_without_a_fault_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelled group must not look like success."""
    assert scoreboard.main(["no such group"]) == 2
    assert "no group and no name of a fault contains 'no such group'" in capsys.readouterr().err


def test_an_unknown_field_is_an_error(tmp_path: Path) -> None:
    """A misspelled field of a fault is an error that names the fault."""
    (tmp_path / "client.yaml").write_text(
        "- {name: x, consequence: y, file: z, frist: t, edit: [a, b]}\n", encoding="utf-8"
    )
    with pytest.raises(StaleFaultError, match=r"client: x: .*'frist'"):
        read_faults(tmp_path)


@pytest.fixture
def small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a function and its tests."""
    tree = tmp_path
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # pytest starts faster
    (tree / "module.py").write_text("def double(x: int) -> int:\n    return 2 * x\n", encoding="utf-8")
    (tree / "test_module.py").write_text(
        "import module\n\ndef test_double():\n    assert module.double(2) == 4\n\n"
        "def test_false():\n    assert False\n",
        encoding="utf-8",
    )
    (tree / "pytest.ini").write_text("[pytest]\npythonpath = .\n", encoding="utf-8")
    return tree


def _fault(new: str, first: str = "test_module.py::test_double") -> Fault:
    return Fault("client", "x", "y", "module.py", "2 * x", new, first)


def test_a_fault_is_caught_or_survives(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong result is caught by the first test, an equal one survives, and the file is restored each time."""
    monkeypatch.setattr(runner, "SUITE", ("test_module.py::test_double",))
    before = (small_project / "module.py").read_bytes()
    caught = [runner.run_fault(small_project, _fault(new)).caught_by for new in ("3 * x", "x + x", "x x")]
    assert caught == ["test_module.py::test_double", None, "test_module.py"]
    assert (small_project / "module.py").read_bytes() == before


def test_a_test_that_fails_anyway_is_an_error(small_project: Path) -> None:
    """A first test that fails without any fault, or that does not exist, is an error: it would catch everything."""
    with pytest.raises(runner.RunError, match=r"without any fault: .*::test_false"):
        runner.check_baseline(small_project, [_fault("3 * x", "test_module.py::test_false")])
    with pytest.raises(runner.RunError, match="pytest ended with 4"):
        runner.check_baseline(small_project, [_fault("3 * x", "test_module.py::test_missing")])


def test_a_hanging_test_ends(small_project: Path) -> None:
    """Tests that do not end in time are killed and reported as a timeout."""
    (small_project / "test_endless.py").write_text(
        "import time\n\ndef test_endless():\n    time.sleep(600)\n", encoding="utf-8"
    )
    assert runner.run_tests(small_project, ["test_endless.py"], 1.5).is_timeout


def test_the_results_are_written(tmp_path: Path) -> None:
    """The files name the test that caught each fault, and the survivors."""
    results = [runner.Result(_fault("3 * x"), "t.py::t", 2.4), runner.Result(_fault("x + x"), None, 3.0)]
    scoreboard.write(results, tmp_path)
    lines = (tmp_path / "scoreboard.md").read_text(encoding="utf-8").splitlines()
    assert lines[2:4] == ["| client | x | y | t.py::t | 2 |", "| client | x | y | **survived** | 3 |"]
    rows = json.loads((tmp_path / "scoreboard.json").read_text(encoding="utf-8"))
    assert [row["caught_by"] for row in rows] == ["t.py::t", None]


def test_the_copy_holds_what_the_tests_need() -> None:
    """The copy of the project has the folders of code, tests and documents, and no hidden files."""
    with runner.project_copy() as tree:
        assert {"wrapper", "generated", "openapi", "tests", "contract_tests", "pyproject.toml"} <= {
            path.name for path in tree.iterdir()
        }
        assert [path for path in tree.iterdir() if path.name.startswith(".")] == []
    assert not tree.exists()
