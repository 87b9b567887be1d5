"""Descriptions of operations: fields with types, bounds and texts, from the contract of the generated package."""

from __future__ import annotations

from typing import Any

import pytest
from kling_voices import InvalidInputError
from kling_voices._protocol.field_descriptions import alternatives_text, describe_fields, type_text
from kling_voices._protocol.operations import OperationCatalog, default_catalog

from tests.support.videos import CREATE, MODEL_CREATE, MODEL_QUERY, QUERY


def test_the_fields_of_a_body(video_catalog: OperationCatalog) -> None:
    """Every field has its type, its bounds and the gateway's description; nested fields are listed, too."""
    operation = video_catalog.describe(CREATE)
    rows = [(field.name, field.type, field.required, field.bounds, field.description) for field in operation.body]
    assert rows == [
        ("model_name", "one of kling-v1, kling-v2-6", False, "default kling-v1", "Model name"),
        ("prompt", "string", True, "at most 2500 characters", "Positive text prompt"),
        ("sound", "one of on, off", False, "", "Whether to generate sound"),
        ("voice_list", "array of object", False, "at most 2 items", "Voices of the prompt"),
        ("voice_list[].voice_id", "string", True, "", "The id of a voice"),
        ("cfg_scale", "number or null", False, "0 to 1", ""),
        ("camera_control", "object", False, "", ""),
        ("camera_control.type", "string", False, "", ""),
        ("callback_url", "string", False, "", ""),
        ("external_task_id", "string", False, "", "Customized task ID"),
    ]
    assert (operation.creates_task, operation.query, operation.arguments) == (True, QUERY, {"body": True})


def test_parameters(video_catalog: OperationCatalog) -> None:
    """Parameters have the names of the generated function, for any spelling on the page."""
    operation = video_catalog.describe(MODEL_QUERY)
    assert [(field.name, field.type, field.required) for field in operation.parameters] == [
        ("model", "string", True),
        ("task_id", "string", True),
    ]
    assert (operation.body, operation.creates_task, operation.query) == ((), False, None)
    assert video_catalog.describe(MODEL_CREATE).arguments == {"model": True, "body": True}


def test_every_operation_is_described(video_catalog: OperationCatalog) -> None:
    """Every operation of both packages has a description, and unknown names are reported with the known ones."""
    for catalog in (video_catalog, default_catalog()):
        for name in catalog.names:
            operation = catalog.describe(name)
            assert (operation.name, bool(operation.path)) == (name, True)
    with pytest.raises(InvalidInputError, match="there is no operation 'nothing'; choose one of create_custom_voice"):
        default_catalog().describe("nothing")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "string", "nullable": True}, "string or null"),
        ({"enum": ["a", 5]}, "one of a, 5"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, "array of array of integer"),
        ({"type": "array"}, "array"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "string or integer"),
        ({"anyOf": [{"type": "string"}, {"type": "string"}]}, "string"),
        ({"properties": {}}, "object"),
        ({}, "any"),
        ({"$ref": "#/components/schemas/Name"}, "string"),
    ],
)
def test_types(schema: dict[str, Any], expected: str) -> None:
    """A type is described in words."""
    assert type_text({"components": {"schemas": {"Name": {"type": "string"}}}}, schema) == expected


def test_compositions_and_circles() -> None:
    """Fields of compositions are listed once; a schema that contains itself is described to a limited depth."""
    document = {
        "components": {
            "schemas": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}}
        }
    }
    schema = {
        "allOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}}],
        "oneOf": [{"required": ["b"], "properties": {"b": {}}}, {"required": ["c"], "properties": {"c": {}, "a": {}}}],
    }
    assert [(field.name, field.required) for field in describe_fields(document, schema)] == [
        ("a", True),
        ("b", False),
        ("c", False),
    ]
    assert alternatives_text(document, schema) == "exactly one of b, c"
    names = [field.name for field in describe_fields(document, {"$ref": "#/components/schemas/Node"})]
    assert names == ["next", "next.next", "next.next.next", "next.next.next.next", "next.next.next.next.next"]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"oneOf": [{"required": ["a"]}]},
        {"oneOf": [{"required": ["a"]}, {}]},
        {"oneOf": [{"required": ["a", "b"]}, {"required": ["c"]}]},
    ],
)
def test_no_simple_alternatives(schema: dict[str, Any]) -> None:
    """Alternatives that are not one field each are not put into words."""
    assert alternatives_text({}, schema) == ""
