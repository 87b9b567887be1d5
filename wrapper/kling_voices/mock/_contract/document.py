"""An OpenAPI document: following references, and compiling validators of its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import InvalidInputError

try:
    import jsonschema_rs
except ImportError:  # pragma: no cover - the test environments install the extra
    raise InvalidInputError("the mock gateway needs the extra `mock`: pip install 'kling-voices[mock]'") from None

_MAX_REFERENCES = 20  # that lead from one to the next; more are circular


class Document:
    """An OpenAPI 3.1 document, whose schemas are JSON Schema 2020-12."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root

    def resolve(self, node: Any) -> Any:
        """The node itself, or the node that it refers to."""
        for _ in range(_MAX_REFERENCES):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            node = self.lookup(node["$ref"])
        raise InvalidInputError(f"the contract has a circular reference: {node['$ref']}")

    def lookup(self, reference: str) -> Any:
        """The node at a reference such as `#/components/schemas/Task`."""
        target: Any = self.root
        try:
            for step in reference.removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError):
            raise InvalidInputError(f"the contract refers to {reference}, which it does not contain") from None
        return target

    def validator(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        """A validator of one of the document's schemas."""
        if isinstance(schema, bool):
            schema = {} if schema else {"not": {}}
        return jsonschema_rs.Draft202012Validator({**schema, "components": self.root.get("components", {})})
