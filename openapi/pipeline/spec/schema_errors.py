"""One short sentence about a document that violates the schema of OpenAPI 3.0."""

from __future__ import annotations

import json
import reprlib
from functools import lru_cache
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError, best_match
from openapi_spec_validator import OpenAPIV30SpecValidator
from openapi_spec_validator.schemas import schema_v30

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 40
_REPR.maxdict = _REPR.maxlist = 3
_REPR.maxlevel = 1


def first_error(document: dict[str, Any]) -> tuple[tuple[str | int, ...], str] | None:
    """The most relevant error as (place, reason), or None where the document is valid."""
    return _first_error(json.dumps(document))


@lru_cache(maxsize=256)  # a regeneration validates the same few documents many times
def _first_error(text: str) -> tuple[tuple[str | int, ...], str] | None:
    document = json.loads(text)
    first = next(iter(OpenAPIV30SpecValidator(document).iter_errors()), None)
    if first is None:
        return None
    # Where the schema is violated, its best match is clearer than the first error. Other rules have one error each.
    cause = _cause(best_match(Draft4Validator(dict(schema_v30)).iter_errors(document)) or first)
    return tuple(cause.absolute_path), _reason(cause)


def _cause(error: ValidationError) -> ValidationError:
    """The error in the intended form: a description, unless there is a `$ref`."""
    while error.validator in {"oneOf", "anyOf"} and error.context and isinstance(error.instance, dict):
        meant = [each for each in error.context if ("$ref" in error.instance) == _is_of_reference(error, each)]
        inner = best_match(meant)
        if inner is None:
            break
        error = inner
    return error


def _is_of_reference(error: ValidationError, branch: ValidationError) -> bool:
    form = error.validator_value[branch.relative_schema_path[0]]
    return str(form.get("$ref", "")).endswith("/Reference")


def _reason(error: ValidationError) -> str:
    given, rule = _REPR.repr(error.instance), error.validator_value
    match error.validator:
        case "type":
            reason = f"{given} is not of type {rule if isinstance(rule, str) else ' or '.join(rule)}"
        case "enum":
            reason = f"{given} is not one of {', '.join(_allowed(error))}"
        case "required":
            reason = f"{error.message.partition(' is a required')[0]} is missing"
        case "additionalProperties":
            reason = _unexpected(error)
        case "oneOf" | "anyOf":
            reason = f"{given} matches none of the forms that OpenAPI 3.0 allows here"
        case "not":
            reason = f"{given} is not allowed here"
        case _:
            reason = str(error.message)
    return reason


def _allowed(error: ValidationError) -> list[str]:
    """The values that are allowed at the place of an error, in any of the possible forms."""
    around = error.parent.context if error.parent is not None else None
    same = [each for each in around or [error] if each.validator == "enum" and each.path == error.path]
    return list(dict.fromkeys(str(value) for each in same for value in each.validator_value))


def _unexpected(error: ValidationError) -> str:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    patterns = error.schema.get("patternProperties", {}) if isinstance(error.schema, dict) else {}
    instance = error.instance if isinstance(error.instance, dict) else {}
    unknown = [key for key in instance if key not in known and not ("^x-" in patterns and key.startswith("x-"))]
    return f"OpenAPI 3.0 does not allow {_REPR.repr(unknown[0])} here" if unknown else str(error.message)
