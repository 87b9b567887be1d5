"""Random valid edits of the supplied page: the package that comes of each works, and the report names each edit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pipeline import regeneration
from pipeline.ingest import pages
from pipeline.spec import documents

from tests.support.repository import CREATE_PATH, OPENAPI, ROOT

SUPPLIED = documents.load(OPENAPI / "supplied" / "chainhub-custom-voices.yaml")
PHASES = (Phase.explicit, Phase.generate)  # each example takes a second, so one that fails is not made smaller
FIELDS = ("voice_name", "voice_url", "video_id", "callback_url", "external_task_id")


class Edit(NamedTuple):
    """A change of the document, and how the report names it."""

    kind: str
    where: str
    do: Callable[[dict[str, Any]], Any]  # of the create


def _schema(create: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = create["requestBody"]["content"]["application/json"]["schema"]
    return found


def _media(create: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = create["responses"]["200"]["content"]["application/json"]
    return found


# Names that code cannot have as they are, that clash when they are made so, and plain ones.
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


def _add_property(name: str, schema: dict[str, Any]) -> Edit:
    return Edit("property added", f"body.{name}", lambda create: _schema(create)["properties"].update({name: schema}))


def _set_keyword(field: str, kind: str, keyword: dict[str, Any]) -> Edit:
    return Edit(kind, f"body.{field}", lambda create: _schema(create)["properties"][field].update(keyword))


def _require(field: str) -> Edit:
    return Edit("required added", f"body.{field}", lambda create: _schema(create)["required"].append(field))


def _add_status(status: str) -> Edit:
    return Edit("status added", status, lambda create: create["responses"].update({status: {"description": ""}}))


def _fill_in(members: dict[str, Any]) -> Edit:
    schema = {"type": "object", "properties": members}
    return Edit("schema filled in", "200", lambda create: _media(create).update(schema=schema))


def _add_parameter(name: str) -> Edit:
    parameter = {"name": name, "in": "query", "schema": {"type": "string"}}
    return Edit("parameter added", f"query.{name}", lambda create: create["parameters"].append(parameter))


EDITS = st.one_of(
    st.builds(_add_property, NAMES, SCHEMAS),
    st.builds(_set_keyword, st.sampled_from(FIELDS[1:]), st.just("bounds tightened"), st.just({"maxLength": 99})),
    st.builds(_set_keyword, st.sampled_from(FIELDS[1:]), st.just("enum narrowed"), st.just({"enum": ["x", "y z"]})),
    st.builds(_set_keyword, st.sampled_from(FIELDS[1:]), st.just("nullable"), st.just({"nullable": True})),
    st.builds(_require, st.sampled_from(FIELDS[1:])),
    st.builds(_add_status, st.sampled_from(["201", "400", "404", "429", "500", "default"])),
    st.builds(_fill_in, st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=3)),
    st.builds(_add_parameter, NAMES.filter(lambda name: name != "body")),  # beside a body it is refused
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own settings and wrapper, beside a folder for what is generated."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "wrapper", folder / "wrapper", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "openapi").mkdir()
    return folder


@settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(edits=st.lists(EDITS, min_size=1, max_size=4, unique_by=lambda edit: edit.where))
def test_random_edits(project: Path, tmp_path_factory: pytest.TempPathFactory, edits: list[Edit]) -> None:
    """For any valid edits of the page: it is taken in and named, and the package imports and type-checks."""
    document = deepcopy(SUPPLIED)
    for edit in edits:
        edit.do(document["paths"][CREATE_PATH]["post"])
    scratch = tmp_path_factory.mktemp("edited")
    told = regeneration.ingest(OPENAPI, [pages.parse_page("page.json", documents.dump(document))], scratch)
    (operation,) = told.operations
    assert {(edit.kind, edit.where) for edit in edits} <= {(each.kind, each.where) for each in operation.changes}
    shutil.rmtree(project / "generated", ignore_errors=True)
    shutil.copytree(scratch / "generated", project / "generated")
    _succeeds(project, "-c", _IMPORT_ALL)
    _succeeds(project, "-m", "mypy", "wrapper/kling_voices", "--cache-dir", str(project / ".mypy_cache"))


_IMPORT_ALL = f"""
FIELDS = {FIELDS}
import importlib, pkgutil, kling_gateway, kling_voices
from kling_voices._protocol import operations
for module in pkgutil.walk_packages(kling_gateway.__path__, "kling_gateway."):
    importlib.import_module(module.name)
assert "create_custom_voice" in [each.name for each in operations.describe_operations()]
operations.build_request("create_custom_voice", {{"body": dict.fromkeys(FIELDS, "x")}})
"""


def _succeeds(project: Path, *arguments: str) -> None:
    path = os.pathsep.join([str(project / "wrapper"), str(project / "generated")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
