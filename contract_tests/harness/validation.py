"""The reference validator of JSON schemas. The mock gateway uses another one, so that a mistake in one is noticed."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator


def is_valid(document: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    """Whether a value is valid by a schema of an OpenAPI 3.1 document."""
    return bool(_validator(json.dumps([schema, document.get("components", {})])).is_valid(value))


@cache
def _validator(schema_and_components: str) -> OAS31Validator:
    schema, components = json.loads(schema_and_components)
    return OAS31Validator({**schema, "components": components})
