"""What a page renames or removes makes mypy fail on the wrapper's line, and the report predicts it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipeline import regeneration
from pipeline.diff.wrapper_usage import REQUESTS
from pipeline.ingest.pages import parse_page
from pipeline.spec import documents

from tests.support.repository import ROOT

from . import pages

CREATE = "/kling/v1/general/custom-voices"
SOURCE = (ROOT / REQUESTS).read_text(encoding="utf-8").splitlines()


def _line(text: str) -> int:
    return next(number for number, line in enumerate(SOURCE, 1) if text in line)


def _rename_field(document: dict[str, Any]) -> None:
    members = document["paths"][CREATE]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    members["notify_url"] = members.pop("callback_url")


def _remove_field(document: dict[str, Any]) -> None:
    schema = document["paths"][CREATE]["post"]["requestBody"]["content"]["application/json"]["schema"]
    del schema["properties"]["video_id"]


def _drop_create(document: dict[str, Any]) -> None:
    document["paths"] = {"/kling/v1/audio/tts": document["paths"][CREATE]}
    operation = document["paths"]["/kling/v1/audio/tts"]["post"]
    operation.update(summary="Speech", requestBody={"content": {"application/json": {"schema": {"type": "object"}}}})
    del operation["x-run-in-apifox"]


def _rename_path_parameter(companions: str) -> str:
    return companions.replace("custom-voices/{id}", "custom-voices/{task_id}").replace("- name: id", "- name: task_id")


def _drop_companion(companions: str) -> str:
    start = companions.index("  /kling/v1/general/delete-voices:")
    return companions[:start] + companions[companions.index("components:\n") :]


Edit = Callable[[Any], Any]
CASES: dict[str, tuple[str, Edit, str]] = {
    "a field is renamed": ("page", _rename_field, "body = CreateCustomVoiceBody("),
    "a field is removed": ("page", _remove_field, "body = CreateCustomVoiceBody("),
    "a path parameter is renamed": ("companions", _rename_path_parameter, "get_custom_voice.build_request("),
    "an operation is dropped": ("page", _drop_create, "from kling_gateway.api.voices import"),
    "a companion is dropped": ("companions", _drop_companion, "from kling_gateway.api.voices import"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wrapper and the project's settings."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "wrapper", folder / "wrapper", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize("name", CASES)
def test_mypy_fails_where_the_report_says(name: str, project: Path, tmp_path: Path) -> None:
    """The report has exactly the lines that mypy reports, including the affected line.

    mypy checks the folder with the only module that uses generated functions and classes.
    """
    of, edit, text = CASES[name]
    openapi, scratch = pages.copy_openapi(tmp_path), tmp_path / "scratch"
    scratch.mkdir()
    read = []
    if of == "page":
        document = json.loads(json.dumps(documents.load(pages.SUPPLIED / "chainhub-custom-voices.yaml")))
        edit(document)
        read = [parse_page("page.json", documents.dump(document))]
        if name == "an operation is dropped":  # its own page must go, not only be joined by another
            for file in (
                "chainhub-custom-voices.yaml",
                "chainhub-custom-voices.page.md",
                "kkiai-custom-voices.page.md",
            ):
                _forget(openapi / "supplied", file)
            (openapi / "supplied" / "chainhub-x.json").write_bytes(documents.dump(document))
            _record(openapi / "supplied", "chainhub-x.json")
            text_of = (openapi / "names.overlay.yaml").read_text(encoding="utf-8")
            marked = text_of.replace("    x-kling-operation", "    x-kling-absent: true\n    x-kling-operation")
            (openapi / "names.overlay.yaml").write_text(marked, encoding="utf-8")
    else:
        companions = openapi / "companions.yaml"
        companions.write_text(edit(companions.read_text(encoding="utf-8")), encoding="utf-8")
    report = regeneration.ingest(openapi, read, scratch)
    shutil.rmtree(project / "generated", ignore_errors=True)
    shutil.copytree(scratch / "generated", project / "generated")
    predicted = {misfit.line for misfit in report.misfits}
    assert _line(text) in predicted
    found = _mypy_lines(project)
    # If a module is missing, mypy finds that of the installed package, because the temporary copy is not installed.
    imports = {_line(text)} if "is dropped" in name else set()
    assert found | imports == predicted
    assert found - imports


def _forget(supplied: Path, name: str) -> None:
    (supplied / name).unlink()
    ledger = supplied / "SHA256SUMS"
    kept = [line for line in ledger.read_text(encoding="utf-8").splitlines() if not line.endswith(f" {name}")]
    ledger.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def _record(supplied: Path, name: str) -> None:
    from hashlib import sha256

    digest = sha256((supplied / name).read_bytes()).hexdigest()
    with (supplied / "SHA256SUMS").open("a", encoding="utf-8") as ledger:
        ledger.write(f"{digest}  {name}\n")


def _mypy_lines(project: Path) -> set[int]:
    path = os.pathsep.join([str(project / "wrapper"), str(project / "generated")])
    command = [
        sys.executable,
        "-m",
        "mypy",
        "wrapper/kling_voices/_protocol",
        "--cache-dir",
        str(project / ".mypy_cache"),
    ]
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return {int(line) for line in re.findall(rf"(?m)^{re.escape(REQUESTS)}:(\d+): error", done.stdout)}
