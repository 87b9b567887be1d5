"""The weekly workflow: what it runs, what it may do, and what it does without a change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pipeline.spec import yaml_text

from tests.support.repository import ROOT

FILE = ROOT / ".github" / "workflows" / "refresh.yml"
if not FILE.exists():  # a source archive has no workflows
    pytest.skip(f"{FILE.name} is not here", allow_module_level=True)
WORKFLOW: dict[str, Any] = yaml_text.load(FILE.read_text(encoding="utf-8"))
JOB = WORKFLOW["jobs"]["refresh"]
STEPS = {step.get("name", step.get("uses", step.get("run"))): step for step in JOB["steps"]}
COMMAND = "nox -s regenerate -- --refresh"


def test_it_runs_every_week_with_the_least_permissions() -> None:
    """Nothing is allowed by default; the job can push a branch and open a pull request."""
    assert len(WORKFLOW["on"]["schedule"][0]["cron"].split()) == 5
    assert WORKFLOW["on"]["schedule"][0]["cron"].split()[-1] == "1"
    assert WORKFLOW["permissions"] == {}
    assert JOB["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert STEPS["actions/checkout@v4"]["with"] == {"persist-credentials": False}


def test_the_token_is_only_given_to_the_step_that_needs_it() -> None:
    """The step that downloads from other sites has no token."""
    assert [name for name, step in STEPS.items() if "github.token" in str(step)] == ["Open a pull request"]


def test_a_pull_request_needs_a_change() -> None:
    """The last step depends on what the step before it found."""
    assert STEPS["Open a pull request"]["if"] == "steps.changes.outputs.found == 'true'"


def _run(step: str, folder: Path, **environment: str) -> None:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", STEPS[step]["run"]],
        cwd=folder / "repository",
        env={**os.environ, "PATH": path, "RUNNER_TEMP": str(folder), "BRANCH": "refresh-pages", **environment},
        check=True,
        capture_output=True,
    )


def _program(folder: Path, name: str, text: str) -> None:
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a remote, and programs in place of nox and gh."""
    if not (shutil.which("bash") and shutil.which("git")):
        pytest.skip("bash and git are needed")
    repository = tmp_path / "repository"
    for name in ("openapi", "generated"):
        (repository / name).mkdir(parents=True)
        (repository / name / "file").write_text("old")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "remote")], check=True)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "a"]):
        subprocess.run([*git, *command], cwd=repository, check=True)
    subprocess.run([*git, "remote", "add", "origin", str(tmp_path / "remote")], cwd=repository, check=True)
    _program(tmp_path, "gh", f'echo "$@" >> {tmp_path}/gh.txt; [ "$2" != edit ]')
    return tmp_path


def test_the_steps_without_a_change(folder: Path) -> None:
    """The report is printed, and there are no findings."""
    _program(folder, "nox", f'echo "$@" > {folder}/nox.txt; echo "a.md: unchanged"')
    (folder / "output.txt").touch()
    for step in ("Download the pages that have changed", "Look for changes"):
        _run(step, folder, GITHUB_OUTPUT=str(folder / "output.txt"))
    assert f"nox {(folder / 'nox.txt').read_text().strip()}" == COMMAND
    assert (folder / "output.txt").read_text() == ""


def test_the_steps_with_a_change(folder: Path) -> None:
    """The branch contains the change, and the pull request has the report as its description."""
    _program(folder, "nox", 'echo new > generated/file; echo "a.md: changed"')
    for step in ("Download the pages that have changed", "Look for changes", "Open a pull request"):
        _run(step, folder, GITHUB_OUTPUT=str(folder / "output.txt"))
    assert (folder / "output.txt").read_text() == "found=true\n"
    assert (folder / "description.md").read_text() == "```text\na.md: changed\n\n```\n"
    created = (folder / "gh.txt").read_text().splitlines()[-1]
    assert created.startswith("pr create --head refresh-pages ")
    assert created.endswith(f"--body-file {folder}/description.md")
    pushed = ["git", "show", "refresh-pages:generated/file"]
    assert subprocess.run(pushed, cwd=folder / "remote", check=True, capture_output=True).stdout == b"new\n"


def test_a_failing_regeneration_fails_the_job(folder: Path) -> None:
    """Although its output goes through a pipe."""
    _program(folder, "nox", "exit 1")
    with pytest.raises(subprocess.CalledProcessError):
        _run("Download the pages that have changed", folder)
