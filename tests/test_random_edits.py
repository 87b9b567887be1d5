"""Random valid edits of the supplied page: the generated package works, and the report is right about each edit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pipeline import regeneration
from pipeline.diff.wrapper_usage import REQUESTS
from pipeline.ingest.pages import parse_page
from pipeline.spec import documents

from tests import pages
from tests.support.hypothesis_profiles import amount
from tests.support.repository import ROOT

SUPPLIED = documents.load(pages.SUPPLIED / "chainhub-custom-voices.yaml")
PHASES = (Phase.explicit, Phase.generate)  # each example takes seconds, so a failing one is not reduced
FIELDS = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")


class Edit(NamedTuple):
    """A change of the create, and its kind and place in the report."""

    kind: str
    where: str
    do: Callable[[dict[str, Any]], Any]


def _schema(create: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = create["requestBody"]["content"]["application/json"]["schema"]
    return found


def _media(create: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = create["responses"]["200"]["content"]["application/json"]
    return found


# Names that code cannot have as they are, names that clash once they are converted, and plain ones.
NAMES = st.one_of(
    st.sampled_from(
        ["class", "from", "self", "None", "1st", "a-b", "a_b", "aB", "größe", "音色", "body", "type", "x y"]
    ),
    st.from_regex(r"\A[a-z]{3,12}(_[a-z]{2,8})?\Z"),
)
SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "integer", "minimum": 0},
            {"type": "number", "nullable": True},
            {"type": "boolean", "default": True},
            {"type": "string", "enum": ["a", "b-c", "ü"]},
            {"type": "string", "format": "date-time", "title": "When"},
            {},
        ]
    ),
    lambda inner: st.one_of(
        inner.map(lambda schema: {"type": "array", "items": schema}),
        st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(
            lambda members: {"type": "object", "title": "Same", "properties": members}
        ),
        st.lists(inner, min_size=2, max_size=2).map(lambda branches: {"anyOf": branches}),
    ),
    max_leaves=4,
)


def _add_property(name: str, schema: dict[str, Any], *, required: bool = False) -> Edit:
    def edit(create: dict[str, Any]) -> None:
        _schema(create)["properties"][name] = schema
        if required:
            _schema(create)["required"].append(name)

    kind = "new-required-request-property" if required else "new-optional-request-property"
    return Edit(kind, f"body.{name}", edit)


def _set_keyword(field: str, kind: str, keyword: dict[str, Any]) -> Edit:
    return Edit(kind, f"body.{field}", lambda create: _schema(create)["properties"][field].update(keyword))


def _remove(field: str) -> Edit:
    return Edit("request-property-removed", f"body.{field}", lambda create: _schema(create)["properties"].pop(field))


def _rename(field: str) -> Edit:
    def edit(create: dict[str, Any]) -> None:
        members = _schema(create)["properties"]
        members[f"new_{field}"] = members.pop(field)

    return Edit("request-property-removed", f"body.{field}", edit)


def _require(field: str) -> Edit:
    kind = "request-property-became-required"
    return Edit(kind, f"body.{field}", lambda create: _schema(create)["required"].append(field))


def _add_status(status: str) -> Edit:
    success = "success" if status.startswith("2") else "non-success"
    return Edit(
        f"response-{success}-status-added",
        status,
        lambda create: create["responses"].update({status: {"description": ""}}),
    )


def _fill_in(members: dict[str, Any]) -> Edit:
    schema = {"type": "object", "properties": members}
    kind = "response-body-media-type-schema-added"
    return Edit(kind, "200", lambda create: _media(create).update(schema=schema))


def _add_parameter(name: str, *, required: bool = False) -> Edit:
    parameter = {"name": name, "in": "query", "schema": {"type": "string"}, "required": required}
    kind = "new-required-request-parameter" if required else "new-optional-request-parameter"
    return Edit(kind, f"query.{name}", lambda create: create["parameters"].append(parameter))


OPTIONAL = st.sampled_from(FIELDS[1:])
EDITS = st.one_of(
    st.builds(_add_property, NAMES, SCHEMAS, required=st.booleans()),
    st.builds(_set_keyword, OPTIONAL, st.just("request-property-max-length-set"), st.just({"maxLength": 99})),
    st.builds(_set_keyword, OPTIONAL, st.just("request-property-became-enum"), st.just({"enum": ["x", "y z"]})),
    st.builds(_set_keyword, OPTIONAL, st.just("request-property-became-nullable"), st.just({"nullable": True})),
    st.builds(_set_keyword, OPTIONAL, st.just("request-property-type-changed"), st.just({"type": "integer"})),
    st.builds(_set_keyword, OPTIONAL, st.just("request-property-type-changed"), st.just({"format": "date-time"})),
    st.builds(_remove, OPTIONAL),
    st.builds(_rename, OPTIONAL),
    st.builds(_require, OPTIONAL),
    st.builds(_add_status, st.sampled_from(["201", "400", "404", "429", "500", "default"])),
    st.builds(_fill_in, st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=3)),
    st.builds(_add_parameter, NAMES.filter(lambda name: name != "body"), required=st.booleans()),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's settings and wrapper, beside a folder for the generated package."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "wrapper", folder / "wrapper", ignore=shutil.ignore_patterns("__pycache__"))
    pages.copy_openapi(folder)
    return folder


@settings(
    max_examples=amount(2, 40), derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES
)
@example([_set_keyword("voice_url", "request-property-became-enum", {"enum": ["x", "y z"]}), _remove("callback_url")])
@example([_add_property("note", {"type": "string"}), _add_status("404")])
@given(edits=st.lists(EDITS, min_size=1, max_size=4, unique_by=lambda edit: edit.where))
def test_random_edits(project: Path, tmp_path_factory: pytest.TempPathFactory, edits: list[Edit]) -> None:
    """For any valid edits: each is reported, the package imports, and mypy fails on exactly the predicted lines.

    mypy checks the folder with the only module that uses generated functions and classes.
    """
    document = deepcopy(SUPPLIED)
    for edit in edits:
        edit.do(document["paths"]["/kling/v1/general/custom-voices"]["post"])
    scratch = tmp_path_factory.mktemp("edited")
    page = parse_page("page.json", documents.dump(document))
    report = regeneration.ingest(project / "openapi", [page], scratch)
    (operation,) = report.operations
    assert {(edit.kind, edit.where) for edit in edits} <= {(each.kind, each.where) for each in operation.changes}
    shutil.rmtree(project / "generated", ignore_errors=True)
    shutil.copytree(scratch / "generated", project / "generated")
    imported = _run(project, "-c", _IMPORT_ALL)
    assert imported.returncode == 0, imported.stdout + imported.stderr
    checked = _run(project, "-m", "mypy", "wrapper/kling_voices/_protocol", "--cache-dir", str(project / ".mypy_cache"))
    lines = {(file, int(line)) for file, line in re.findall(r"(?m)^(\S+?):(\d+): error", checked.stdout)}
    assert lines == {(REQUESTS, misfit.line) for misfit in report.misfits}, checked.stdout
    assert (checked.returncode == 0) == (not report.misfits)


_IMPORT_ALL = """
import importlib, pkgutil, kling_gateway
for module in pkgutil.walk_packages(kling_gateway.__path__, "kling_gateway."):
    importlib.import_module(module.name)
"""


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(project / "wrapper"), str(project / "generated")])
    environment = {**os.environ, "PYTHONPATH": path, "MYPYPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
