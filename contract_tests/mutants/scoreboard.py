"""Apply each seeded fault to a scratch copy, run the harness on it, and write which test caught it, and how fast.

    python -m contract_tests.mutants.scoreboard [WORD …]     only faults whose group or name holds one of the words

Exit codes: 0 all caught, 1 some survived, 2 a fault whose edit no longer applies.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).with_name("faults")
EQUIVALENTS = Path(__file__).with_name("equivalents.yaml")
REPORT = ROOT / "build" / "mutants"
WORKERS = 2
PATIENCE = 180.0  # seconds; a fault that makes the harness hang counts as caught
QUICK = 45.0  # the same, of the tests that a fault names
COPIED = ("contract_tests", "docs", "generated", "openapi", "tests", "wrapper")

# The quick ones first, for the first failure ends a run.
SUITE = (
    *(
        "tests/test_input.py",
        "tests/test_answers.py",
        "tests/test_models.py",
        "tests/test_retrying.py",
        "tests/test_gateways.py",
        "tests/test_never_pay_twice.py",
    ),
    *("tests/test_waiting.py", "tests/test_account.py", "tests/test_mock.py"),
    *("contract_tests/documents", "contract_tests/provider/test_boundaries.py"),
    *("contract_tests/consumer", "contract_tests/wire", "contract_tests/together", "contract_tests/provider"),
    "tests/test_regeneration.py",
)


class Fault(NamedTuple):
    """A seeded fault."""

    group: str
    name: str
    suffers: str
    file: str
    old: str
    new: str
    first: str | None = None  # the tests that look there, where the suite comes to them late or never


class Equivalent(NamedTuple):
    """An edit that changes nothing that anyone could see, and why."""

    name: str
    file: str
    old: str
    new: str
    proof: str


class Verdict(NamedTuple):
    """What became of it."""

    fault: Fault
    caught_by: str | None
    seconds: float


class StaleFaultError(Exception):
    """The text that a fault replaces does not stand in its file, or not just once in a way that matters."""


def read_faults(folder: Path = FAULTS) -> list[Fault]:
    """The faults of all files in the folder; the group is the file's name."""
    return [
        Fault(group=file.stem, **fault, old=old, new=new)
        for file in sorted(folder.glob("*.yaml"))
        for fault in YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        for old, new in [fault.pop("edit")]
    ]


def read_equivalents(path: Path = EQUIVALENTS) -> list[Equivalent]:
    """The edits that were judged equivalent, in order."""
    found = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return [Equivalent(**each, old=old, new=new) for each in found for old, new in [each.pop("edit")]]


def apply(fault: Fault, tree: Path) -> None:
    """Edit the tree; raises StaleFaultError where the edit does not apply."""
    file = tree / fault.file
    text = file.read_text(encoding="utf-8")
    if fault.old not in text:
        raise StaleFaultError(f"{fault.name}: {fault.file} no longer holds {fault.old!r}")
    file.write_text(text.replace(fault.old, fault.new, 1), encoding="utf-8")


def judge(fault: Fault) -> Verdict:
    """Run the harness on a copy that has the fault."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        tree = _copied(Path(scratch))
        apply(fault, tree)
        caught_by = _regenerated(tree) if fault.group == "contract" else None
        if fault.first is not None:
            caught_by = caught_by or _tested(tree, (fault.first,), QUICK)
        caught_by = caught_by or _tested(tree, SUITE, PATIENCE)
    return Verdict(fault, caught_by, time.perf_counter() - start)


def _copied(scratch: Path) -> Path:
    for name in COPIED:
        shutil.copytree(ROOT / name, scratch / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    for file in (*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "noxfile.py", ROOT / "constraints.txt"):
        shutil.copy(file, scratch)
    return scratch


def _regenerated(tree: Path) -> str | None:
    """For a fault of the documents: regenerate, as who made it would have; the complaint, where that fails."""
    finished = subprocess.run(
        [sys.executable, "openapi/regenerate.py"], cwd=tree, capture_output=True, text=True, check=False
    )
    return f"regenerate: {finished.stderr.strip()[:120]}" if finished.returncode else None


def _tested(tree: Path, tests: Iterable[str], patience: float) -> str | None:
    """The first test that fails, or None."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tree / 'wrapper'}{os.pathsep}{tree / 'generated'}",  # before the installed wheel
        "PYTHONDONTWRITEBYTECODE": "1",
        "NOX_CURRENT_SESSION": "",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", *tests]
    try:
        finished = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=patience
        )
    except subprocess.TimeoutExpired:
        return f"no end within {patience:.0f} s"
    if finished.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", finished.stdout, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"the harness did not run: {finished.stdout[-500:]}{finished.stderr[-500:]}")
    return failed[1]


def table(verdicts: list[Verdict]) -> Iterator[str]:
    """The scoreboard in Markdown."""
    yield "| group | fault | a user would suffer | caught by | s |"
    yield "|---|---|---|---|---|"
    for fault, caught_by, seconds in verdicts:
        yield f"| {fault.group} | {fault.name} | {fault.suffers} | {caught_by or '**survived**'} | {seconds:.0f} |"
    yield ""
    yield "| judged equivalent, and not run | proof |"
    yield "|---|---|"
    for equivalent in read_equivalents():
        yield f"| {equivalent.name}: `{equivalent.old}` to `{equivalent.new}` | {equivalent.proof} |"


def main(words: list[str]) -> int:
    """Judge the faults and write the scoreboard."""
    faults = [
        fault for fault in read_faults() if not words or any(word in f"{fault.group} {fault.name}" for word in words)
    ]
    start = time.perf_counter()
    verdicts: list[Verdict] = []
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            for verdict in pool.map(judge, faults):
                verdicts.append(verdict)
                mark = "caught" if verdict.caught_by else "SURVIVED"
                print(
                    f"{len(verdicts):>3}/{len(faults)} {mark:8} {verdict.seconds:5.0f} s  {verdict.fault.name}",
                    flush=True,
                )
    except StaleFaultError as stale:
        print(f"mutants: {stale}", file=sys.stderr)
        return 2
    REPORT.mkdir(parents=True, exist_ok=True)
    (REPORT / "scoreboard.md").write_text("\n".join(table(verdicts)) + "\n", encoding="utf-8")
    told = [
        {**verdict.fault._asdict(), "caught_by": verdict.caught_by, "seconds": verdict.seconds} for verdict in verdicts
    ]
    (REPORT / "scoreboard.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    survivors = [verdict.fault.name for verdict in verdicts if verdict.caught_by is None]
    groups = Counter(fault.group for fault in faults)
    seconds = time.perf_counter() - start
    print(f"mutants: {len(faults) - len(survivors)} of {len(faults)} caught in {seconds:.0f} s; {dict(groups)}")
    for name in survivors:
        print(f"mutants: survived: {name}", file=sys.stderr)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
