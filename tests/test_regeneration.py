"""Regenerating: the same bytes each time, drift seen, overlays that must match, sentences for what is wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator
from pipeline.generate import folders
from pipeline.generate.contract import to_json_schema
from pipeline.generate.package import write_generated
from pipeline.ingest.servers import with_base_path_in_paths
from pipeline.spec import documents
from pipeline.spec.documents import DocumentError
from pipeline.spec.overlay import apply

from tests.support.regeneration import Finished, run_printing
from tests.support.repository import COMPILED as CONTRACT
from tests.support.repository import OPENAPI, ROOT

GENERATED = ROOT / "generated"
OVERLAY: dict[str, Any] = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}}


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """Building twice gives what is committed, both times."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_generated(OPENAPI, tmp_path / name)
        assert folders.compare_folders(expected=GENERATED, found=tmp_path / name) == []


@pytest.mark.parametrize("fault", ["edited", "missing", "extra"])
def test_drift_is_seen(tmp_path: Path, fault: str) -> None:
    """A generated file that is edited, missing or extra fails the check, by name; regenerating repairs it."""
    generated = tmp_path / "generated"
    shutil.copytree(GENERATED, generated)
    file = generated / "kling_gateway" / ("client.py" if fault != "extra" else "stale.py")
    if fault == "missing":
        file.unlink()
    else:
        file.write_text(file.read_text(encoding="utf-8") + "#\n" if file.exists() else "#\n", encoding="utf-8")
    checked = run_printing("--check", "--generated", generated)
    assert (checked.returncode, f"drift: {fault}: kling_gateway/{file.name}") == (1, checked.stderr.strip())
    assert run_printing("--generated", generated).returncode == 0
    assert folders.compare_folders(expected=GENERATED, found=generated) == []


def test_names_read_well() -> None:
    """The create is called by what it does, not by its path."""
    folder = GENERATED / "kling_gateway" / "api" / "voices"
    assert {file.stem for file in folder.glob("*.py")} >= {"create_custom_voice", "get_custom_voice"}


def _broken(tmp_path: Path, name: str, old: str, new: str) -> Finished:
    folder, generated = tmp_path / "openapi", tmp_path / "generated"
    shutil.copytree(OPENAPI, folder)
    shutil.copytree(GENERATED, generated)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    finished = run_printing("--openapi", folder, "--generated", generated)
    assert folders.compare_folders(expected=GENERATED, found=generated) == []
    return finished


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("supplied/chainhub-custom-voices.yaml", "voice_url", "voice_uri", "differs from what was supplied"),
        ("names.overlay.yaml", "custom-voices'].post\n", "custom-tones'].post\n", "matches nothing"),
        ("contract.overlay.yaml", "create_custom_voice", "create_voice", "check whether it was renamed"),
        ("contract.overlay.yaml", "overlay: 1.0.0", "overlay: 2.0.0", "only Overlay 1.0 is supported"),
        (
            "contract.overlay.yaml",
            "    update:\n      required: true",
            "    remove: false",
            "either `update` or `remove: true`",
        ),
        ("companions.yaml", "openapi: 3.0.1", "openapi: 2.0", "only OpenAPI 3.0 is supported"),
        ("companions.yaml", "in: path", "in: somewhere", "not valid OpenAPI 3.0 at paths/"),
        ("companions.yaml", "paths:", "paths: [", "not readable as YAML"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(tmp_path: Path, name: str, old: str, new: str, says: str) -> None:
    """A document that cannot be used: one line, exit code 2, and generated/ is unchanged."""
    finished = _broken(tmp_path, name, old, new)
    assert finished.returncode == 2
    assert says in finished.stderr
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"target": "$.a", "update": {"x": 2, "n": {"m": 3}}}, {"a": {"x": 2, "n": {"k": 1, "m": 3}}, "l": [1, 2]}),
        ({"target": "$.l", "update": 3}, {"a": {"x": 1, "n": {"k": 1}}, "l": [1, 2, 3]}),
        ({"target": "$.l[*]", "remove": True}, {"a": {"x": 1, "n": {"k": 1}}, "l": []}),
        ({"target": "$.a.n", "remove": True}, {"a": {"x": 1}, "l": [1, 2]}),
        ({"target": "$", "update": {"b": 1}}, {"a": {"x": 1, "n": {"k": 1}}, "l": [1, 2], "b": 1}),
    ],
)
def test_overlay_actions(action: dict[str, Any], expected: dict[str, Any]) -> None:
    """Update merges objects and appends to arrays, remove removes; the document itself is untouched."""
    document = {"a": {"x": 1, "n": {"k": 1}}, "l": [1, 2]}
    assert apply(document, {**OVERLAY, "actions": [action]}, "o") == expected
    assert document == {"a": {"x": 1, "n": {"k": 1}}, "l": [1, 2]}


@pytest.mark.parametrize(
    ("overlay", "says"),
    [
        ({**OVERLAY, "actions": []}, "at least one action"),
        ({**OVERLAY, "actions": [{"target": "$.a"}]}, "either `update` or `remove: true`"),
        ({**OVERLAY, "actions": [{"update": {}}]}, "needs a `target`"),
        ({**OVERLAY, "actions": [{"target": "$.b", "remove": True}]}, "matches nothing"),
        ({**OVERLAY, "actions": [{"target": "$.[", "remove": True}]}, "is not RFC 9535 JSONPath"),
        ({**OVERLAY, "actions": [{"target": "$", "remove": True}]}, "cannot be removed"),
        ({**OVERLAY, "actions": [{"target": "$.a", "update": 1}]}, "an object only by an object"),
    ],
)
def test_overlays_that_cannot_be_applied(overlay: dict[str, Any], says: str) -> None:
    """Each is refused with the overlay's name and the action's number."""
    with pytest.raises(DocumentError, match=r"^o: ") as caught:
        apply({"a": {"x": 1}}, overlay, "o")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"type": "number", "maximum": 2, "exclusiveMaximum": False},
        {"type": "string", "nullable": True, "enum": ["a", "b"]},
        {"type": "string", "nullable": True, "enum": ["a", None]},
        {"type": "object", "properties": {"x": {"type": "integer", "nullable": True}}, "example": {"x": 1}},
        {"oneOf": [{"type": "integer", "maximum": 1, "exclusiveMaximum": True}, {"type": "string"}]},
        {"type": "array", "items": {"type": "string", "nullable": True}},
        {"not": {"type": "integer", "minimum": 1, "exclusiveMinimum": True}},
    ],
)
@pytest.mark.parametrize("value", [None, 0, 1, 2, "a", "c", {"x": None}, {"x": 1}, {"x": "1"}, [None], ["a"], [1]])
def test_the_conversion_to_3_1_keeps_the_meaning(schema: dict[str, Any], value: Any) -> None:
    """The converted schema allows exactly the values that the reference validator of OpenAPI 3.0 allows."""
    assert OAS30ReadValidator(schema).is_valid(value) == OAS31Validator(to_json_schema(schema)).is_valid(value)


def test_the_contract_says_where_each_rule_is_from() -> None:
    """Each overlay action ends its description with a letter of confidence."""
    actions = documents.load(OPENAPI / "contract.overlay.yaml")["actions"]
    unsourced = [action["target"] for action in actions if not re.search(r"\([SVLGT][^)]*\)", action["description"])]
    assert unsourced == []
    assert CONTRACT["openapi"] == "3.1.0"


def test_a_server_that_is_a_path_alone() -> None:
    """It goes before each path, and the host stays unknown."""
    document = {"servers": [{"url": "/kling/"}], "paths": {"/v1/x": {}}}
    assert with_base_path_in_paths(document) == {"paths": {"/kling/v1/x": {}}}
    whole = {"servers": [{"url": "https://a.example/kling"}], "paths": {"/v1/x": {}}}
    assert with_base_path_in_paths(whole) == {"servers": [{"url": "https://a.example"}], "paths": {"/kling/v1/x": {}}}
