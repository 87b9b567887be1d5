"""The compiled contract, ready to hold requests and answers to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..errors import InvalidInputError

try:
    import jsonschema_rs
except ImportError:  # pragma: no cover - the test environments install the extra
    raise InvalidInputError("the mock gateway needs the extra `mock`: pip install 'kling-voices[mock]'") from None

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


class Found(NamedTuple):
    """What lies at a path: its operations by method, and the path's parameters."""

    operations: Mapping[str, Operation]
    parameters: Mapping[str, str]


class Operation:
    """One operation of the contract."""

    def __init__(self, document: Mapping[str, Any], description: Mapping[str, Any]) -> None:
        self._document = document
        self._description = description
        self.operation_id: str = description["operationId"]

    @cached_property
    def takes_body(self) -> bool:
        """Whether the contract gives it a JSON body."""
        return "requestBody" in self._description

    @cached_property
    def body(self) -> jsonschema_rs.Validator:
        """The validator of its JSON body."""
        return self._validator(self._description["requestBody"]["content"]["application/json"]["schema"])

    @cached_property
    def query_parameters(self) -> Mapping[str, jsonschema_rs.Validator]:
        """The validators of its query parameters."""
        return {
            parameter["name"]: self._validator(parameter["schema"])
            for parameter in map(self._resolved, self._description.get("parameters", ()))
            if parameter["in"] == "query"
        }

    def complaints(self, body: Any) -> list[str]:
        """What the contract finds wrong with a body: a short sentence each, none where it is valid."""
        if self.body.is_valid(body):
            return []
        return list(dict.fromkeys(_complaint(error) for error in self.body.iter_errors(body)))

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node itself, or the component that it refers to."""
        if "$ref" not in node:
            return node
        kind, name = node["$ref"].split("/")[2:]
        component: Mapping[str, Any] = self._document["components"][kind][name]
        return component

    def _validator(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
        return jsonschema_rs.Draft202012Validator({**schema, "components": self._document["components"]})


class Contract:
    """The operations that a gateway serves.

    Args:
        document: The contract, as OpenAPI 3.1; the compiled one that the package carries where none is given.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        if document is None:
            document = json.loads(files("kling_gateway").joinpath("contract.json").read_text(encoding="utf-8"))
        self._routes = {
            tuple(path.split("/")): {method: Operation(document, item[method]) for method in _METHODS & item.keys()}
            for path, item in document["paths"].items()
        }

    def find(self, path: str) -> Found | None:
        """What lies at a percent-encoded path, or None."""
        segments = path.split("/")
        for template, operations in self._routes.items():
            if len(template) == len(segments):
                parameters = dict(_match(template, segments))
                if None not in parameters:
                    return Found(operations, parameters)  # type: ignore[arg-type] # no key is None now
        return None


def _match(template: tuple[str, ...], segments: list[str]) -> Iterator[tuple[str | None, str]]:
    """Each parameter of the path; a key of None says that a segment does not fit."""
    for wanted, found in zip(template, segments, strict=True):
        if wanted.startswith("{") and wanted.endswith("}") and found:
            yield wanted[1:-1], unquote(found)
        elif wanted != found:
            yield None, found


def _complaint(error: jsonschema_rs.ValidationError) -> str:
    place = ".".join(str(step) for step in error.instance_path) or "body"
    if "oneOf" in [str(step) for step in error.schema_path]:
        return "exactly one of voice_url and video_id must name the audio"
    return f"{place}: {error.message}"
