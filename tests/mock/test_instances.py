"""Building values from schemas."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kling_voices.mock._contract.document import Document
from kling_voices.mock._contract.instances import InstanceBuilder, Unbuildable

COMPONENTS = {
    "schemas": {
        "Id": {"type": "string", "pattern": "^[0-9]{1,20}$"},
        "Tree": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "parent": {"$ref": "#/components/schemas/Tree"},
            },
        },
    }
}
SCHEMAS: dict[str, Any] = {
    "anything": {},
    "true": True,
    "const": {"const": {"a": 1}},
    "enum": {"enum": ["b", "a"]},
    "enum with null": {"type": ["string", "null"], "enum": [None, "a"]},
    "string": {"type": "string"},
    "long string": {"type": "string", "minLength": 500},
    "short string": {"type": "string", "maxLength": 2},
    "empty string": {"type": "string", "maxLength": 0},
    "exact length": {"type": "string", "minLength": 36, "maxLength": 36},
    **{
        f"format {name}": {"type": "string", "format": name}
        for name in ("date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname", "duration")
    },
    "pattern of digits": {"$ref": "#/components/schemas/Id"},
    "pattern of a URL": {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://[^\\s/?#]+", "minLength": 1},
    "pattern with alternatives": {"type": "string", "pattern": "^(cat|dog)-[a-f]{3,5}$"},
    "pattern and length": {"type": "string", "pattern": "^[a-z]+$", "minLength": 12, "maxLength": 14},
    "pattern of a version": {"type": "string", "pattern": r"^v\d+\.\d+(\.\d+)?$"},
    "pattern not anchored": {"type": "string", "pattern": "[A-Z]{3}"},
    "integer": {"type": "integer"},
    "bounded integer": {"type": "integer", "minimum": 5, "maximum": 5},
    "exclusive integer": {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
    "negative integer": {"type": "integer", "maximum": -10},
    "multiple": {"type": "integer", "minimum": 10, "multipleOf": 7},
    "number": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "decimal multiple": {"type": "number", "multipleOf": 0.25, "minimum": 0.6},
    "large integer": {"type": "integer", "minimum": 2**60},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "nullable": {"type": ["null", "string"]},
    "several types": {"type": ["integer", "string"], "minimum": 3},
    "array": {"type": "array", "items": {"type": "string"}},
    "array of three": {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3},
    "array of nothing": {"type": "array", "maxItems": 0},
    "unique integers": {"type": "array", "items": {"type": "integer"}, "minItems": 5, "uniqueItems": True},
    "unique enum": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    "unique strings": {
        "type": "array",
        "items": {"type": "string", "maxLength": 3},
        "minItems": 4,
        "uniqueItems": True,
    },
    "unique dates": {"type": "array", "items": {"format": "date"}, "minItems": 3, "uniqueItems": True},
    "unique patterns": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[a-z]{6}$"},
        "minItems": 4,
        "uniqueItems": True,
    },
    "unique objects": {
        "type": "array",
        "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
        "minItems": 3,
        "uniqueItems": True,
    },
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "items": False},
    "contains": {"type": "array", "contains": {"const": "x"}, "minContains": 2, "items": {"type": "string"}},
    "object": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
    "closed object": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
    "required without a schema": {"type": "object", "required": ["x", "y"]},
    "additional": {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer", "minimum": 3}},
    "pattern properties": {
        "type": "object",
        "required": ["x-id"],
        "patternProperties": {"^x-": {"type": "integer"}},
        "additionalProperties": False,
    },
    "many properties": {"type": "object", "minProperties": 3, "additionalProperties": {"type": "string"}},
    "few properties": {
        "type": "object",
        "required": ["c"],
        "maxProperties": 1,
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}},
    },
    "unbuildable optional": {"type": "object", "properties": {"a": False, "b": {"type": "string"}}},
    "reference with siblings": {"$ref": "#/components/schemas/Id", "minLength": 5},
    "recursive": {"$ref": "#/components/schemas/Tree"},
    "allOf": {
        "allOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 3}}},
            {"required": ["b"], "properties": {"a": {"maximum": 3}, "b": {"$ref": "#/components/schemas/Id"}}},
        ]
    },
    "oneOf": {"oneOf": [{"type": "string", "maxLength": 0}, {"type": "integer"}]},
    "oneOf with siblings": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
        "oneOf": [
            {"required": ["url"], "properties": {"url": {"type": "string", "minLength": 1}, "id": {"maxLength": 0}}},
            {"required": ["id"], "properties": {"id": {"type": "string", "minLength": 1}, "url": {"maxLength": 0}}},
        ],
    },
    "oneOf that overlaps": {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 5}]},
    "oneOf twice": {
        "allOf": [
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {"oneOf": [{"required": ["c"]}, {"required": ["d"]}]},
            {"type": "object", "properties": {name: {"type": "integer"} for name in "abcd"}},
        ]
    },
    "anyOf with a false branch": {"anyOf": [False, {"type": "string"}]},
    "not": {"type": "object", "properties": {"code": {"type": "integer"}}, "not": {"required": ["code"]}},
    "if": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": ["a", "b"]}},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x"], "properties": {"x": {"type": "integer"}}},
        "else": {"required": ["y"], "properties": {"y": {"type": "integer"}}},
    },
    "example": {"type": "string", "example": "documented"},
    "wrong example": {"type": "integer", "example": "documented", "minimum": 9},
    "default": {"type": "integer", "default": 30},
    "without a type": {"properties": {"a": {"minimum": 3}, "b": {"items": {"minLength": 2}}}, "required": ["a", "b"]},
}


def build(schema: Any, preferred: Any = None, *, fill: bool = True) -> Any:
    """A value for a schema that can refer to COMPONENTS."""
    builder = InstanceBuilder(Document({"components": COMPONENTS}), fill=fill)
    return builder.build(schema) if preferred is None else builder.build(schema, preferred)


def is_valid(schema: Any, value: Any) -> bool:
    """Whether a validator that also checks formats accepts the value."""
    whole = {"allOf": [schema], "components": COMPONENTS}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


@pytest.mark.parametrize("fill", [True, False])
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_what_is_built_is_valid(schema: Any, fill: bool) -> None:
    """The value is valid, formats included, and the same each time."""
    value = build(schema, fill=fill)
    assert is_valid(schema, value), value
    assert build(schema, fill=fill) == value


@pytest.mark.parametrize(
    "schema",
    [False, {"not": {}}, {"type": "integer", "minimum": 5, "maximum": 4}, {"type": "string", "pattern": "(?!)"}],
)
def test_what_nothing_satisfies(schema: Any) -> None:
    """A schema that nothing satisfies is reported, not answered with something else."""
    with pytest.raises(Unbuildable):
        build(schema)


def test_readable_values() -> None:
    """Values look like what they stand for."""
    properties = {name: {"type": "string"} for name in ("url", "cover_url", "id", "task_status_msg")}
    assert build({"type": "object", "properties": properties}) == {
        "url": "https://mock.invalid/sample",
        "cover_url": "https://mock.invalid/sample",
        "id": "1",
        "task_status_msg": "sample task status msg",
    }
    assert (build(SCHEMAS["example"]), build(SCHEMAS["default"])) == ("documented", 30)


TASK = {"task_id": "830000000000000001", "task_status": "succeed", "created_at": 5}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object"}, TASK),
        ({"properties": {"task_id": {"type": "integer"}}}, {**TASK, "task_id": 830000000000000001}),
        ({"properties": {"created_at": {"type": "string"}}}, {**TASK, "created_at": "5"}),
        ({"properties": {"task_status": {"enum": ["running", "SUCCESS"]}}}, {**TASK, "task_status": "SUCCESS"}),
        ({"properties": {"task_id": {"type": "string", "maxLength": 3}}}, {**TASK, "task_id": "1"}),
        ({"properties": {"extra": {"type": "string"}}}, TASK),
        ({"required": ["extra"], "properties": {"extra": {"type": "integer"}}}, {"extra": 1, **TASK}),
        (
            {"additionalProperties": False, "properties": {"task_id": {"type": "string"}}},
            {"task_id": "830000000000000001"},
        ),
        ({"oneOf": [{"required": ["voice_name"]}, {"required": ["task_id"]}], "type": "object"}, TASK),
    ],
)
def test_a_preferred_value_is_kept_as_far_as_possible(schema: Any, expected: Any) -> None:
    """Members that the schema allows stay; others are converted, replaced, added or left out."""
    whole = {"type": "object", **schema}
    assert build(whole, TASK, fill=False) == expected
    assert is_valid(whole, expected)


def _bounded_integers() -> st.SearchStrategy[Any]:
    return st.builds(
        lambda low, size, step: {"type": "integer", "minimum": low, "maximum": low + size + step, "multipleOf": step},
        st.integers(-50, 50),
        st.integers(0, 9),
        st.integers(1, 9),
    )


def _bounded_strings() -> st.SearchStrategy[Any]:
    return st.builds(
        lambda low, size: {"type": "string", "minLength": low, "maxLength": low + size},
        st.integers(0, 60),
        st.integers(0, 9),
    )


def _extend(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(st.sampled_from("abcde"), schemas, min_size=1, max_size=4)
    objects = members.flatmap(
        lambda found: st.lists(st.sampled_from(sorted(found)), unique=True).map(
            lambda required: {"type": "object", "properties": found, "required": required}
        )
    )
    arrays = st.builds(
        lambda items, low: {"type": "array", "items": items, "minItems": low}, schemas, st.integers(0, 3)
    )
    branches = st.lists(schemas, min_size=1, max_size=3).map(lambda found: {"anyOf": found})
    together = st.tuples(objects, members).map(
        lambda pair: {"allOf": [pair[0], {"properties": {"z": {"anyOf": [*pair[1].values()]}}}]}
    )
    return objects | arrays | branches | together


LEAVES = _bounded_integers() | _bounded_strings() | st.sampled_from([{"type": "boolean"}, {"type": "null"}, {}])


@given(st.recursive(LEAVES, _extend, max_leaves=12), st.booleans())
def test_satisfiable_schemas(schema: Any, fill: bool) -> None:
    """Property: for every satisfiable schema of these keywords, the value is valid."""
    assert is_valid(schema, build(schema, fill=fill))
