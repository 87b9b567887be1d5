"""Applies a seeded fault to a copy of the project and runs the tests there, first the test that should catch it.

A copy is made once for each worker and restored after each fault, so that most faults take about as long as their test.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .catalog import Fault, apply

ROOT = Path(__file__).resolve().parents[2]
FIRST_TIMEOUT = 60.0  # seconds; a fault that makes the tests hang is caught
SUITE_TIMEOUT = 600.0
TIMED_OUT = "timeout"
_NOT_COPIED = ("__pycache__", ".*", "build", "dist", "node_modules", "site", "*.egg-info")

# Fast tests come first, because the first failure ends a run. pytest runs a test once, even if two of these name it.
SUITE = (
    "tests/test_input.py",
    "tests/test_answers.py",
    "tests/test_models.py",
    "tests/test_retrying.py",
    "contract_tests/provider/test_boundaries.py",
    "contract_tests/documents",
    "tests",
    "contract_tests",
)
# These test neither the code nor its contract, or they fail for any edit of a file: their failure would prove nothing.
IGNORED = (
    "contract_tests/mutants",
    "contract_tests/independent",
    "tests/test_benchmarks.py",
    "tests/test_documentation.py",
    "tests/test_packaging.py",
    "tests/test_random_edits.py",
)


class Result(NamedTuple):
    """The test that caught a fault, or None."""

    fault: Fault
    caught_by: str | None
    seconds: float


class TestRun(NamedTuple):
    """The failed tests of a run; `is_timeout` if it did not end in time."""

    failed: tuple[str, ...]
    is_timeout: bool = False


class RunError(Exception):
    """The tests could not run, or a test fails without any fault. The results would prove nothing."""


@contextmanager
def project_copy() -> Iterator[Path]:
    """A copy of the project in a temporary folder, without hidden files and build results."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "project"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        yield tree


def check_baseline(tree: Path, faults: Sequence[Fault]) -> None:
    """Run the `first` tests without any fault; raises RunError if one fails, because it would then prove nothing."""
    tests = sorted({fault.first for fault in faults if fault.first})
    if not tests:
        return
    run = run_tests(tree, tests, SUITE_TIMEOUT)
    if run.failed or run.is_timeout:
        raise RunError(f"these tests fail without any fault: {', '.join(run.failed) or 'timeout'}")


def run_fault(tree: Path, fault: Fault) -> Result:
    """Apply a fault to `tree`, run the tests until one fails, and restore the tree."""
    start = time.perf_counter()
    with _applied(fault, tree):
        caught_by = _regenerate(tree) if fault.group == "contract" else None
        if fault.first and not caught_by:
            caught_by = _first_failure(tree, [fault.first], FIRST_TIMEOUT)
        by_suite = None if caught_by else _first_failure(tree, SUITE, SUITE_TIMEOUT)
    if by_suite and by_suite != TIMED_OUT and run_tests(tree, [by_suite], SUITE_TIMEOUT).failed:
        raise RunError(f"this test fails without any fault: {by_suite}")
    return Result(fault, caught_by or by_suite, time.perf_counter() - start)


@contextmanager
def _applied(fault: Fault, tree: Path) -> Iterator[None]:
    """The fault is in the tree while the context is open."""
    file = tree / fault.file
    before = file.read_bytes() if file.exists() else b""
    apply(fault, tree)
    _remove_bytecode(file)
    try:
        yield
    finally:
        file.write_bytes(before)
        _remove_bytecode(file)
        if fault.group == "contract":
            shutil.rmtree(tree / "generated")
            shutil.copytree(ROOT / "generated", tree / "generated", ignore=shutil.ignore_patterns(*_NOT_COPIED))


def run_tests(tree: Path, tests: Sequence[str], timeout: float, *options: str) -> TestRun:
    """Run tests in `tree`; raises RunError if they could not run, for example because a test does not exist."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (tree / "wrapper", tree / "generated"))),  # before the installed wheel
        "NOX_CURRENT_SESSION": "",
    }
    ignored = [f"--ignore={path}" for path in IGNORED if not any(test.startswith(path) for test in tests)]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "--tb=no",
        "-p",
        "no:schemathesis",
        *options,
    ]
    process = subprocess.Popen(
        [*command, *ignored, *tests],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        return TestRun((), is_timeout=True)
    failed = tuple(re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE))
    # pytest's exit codes: 0 all passed, 1 some failed, 2 and 4 also for modules that cannot be imported.
    if process.returncode == 0 or (process.returncode in {1, 2, 4} and failed):
        return TestRun(failed)
    raise RunError(f"pytest ended with {process.returncode}: {output[-800:]}")


def _first_failure(tree: Path, tests: Sequence[str], timeout: float) -> str | None:
    run = run_tests(tree, tests, timeout, "--exitfirst")
    return TIMED_OUT if run.is_timeout else next(iter(run.failed), None)


def _regenerate(tree: Path) -> str | None:
    """Regenerate after an edit of a document; returns the message if this fails."""
    command = [sys.executable, "openapi/regenerate.py"]
    finished = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    for folder in (tree / "generated").rglob("__pycache__"):
        shutil.rmtree(folder)
    return f"regenerate: {finished.stderr.strip()[:120]}" if finished.returncode else None


def _remove_bytecode(file: Path) -> None:
    """Remove the compiled file: Python would use it if an edit kept the size and was made in the same second."""
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a test run with the processes that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
