"""Finding the operation of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from ..._protocol.task_pattern import TaskOperations, find_task_operations
from ...errors import InvalidInputError
from .document import Document
from .operations import Operation

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Route(NamedTuple):
    """A path of the contract: its template, its operations by method, and the values of its parameters."""

    template: str
    operations: Mapping[str, Operation]
    parameters: Mapping[str, str]


class Contract:
    """The operations that a gateway serves.

    Args:
        root: An OpenAPI 3.1 document. It is not changed, and must not change.

    Raises:
        InvalidInputError: The document is not OpenAPI 3.1, or an operation has no operationId.
    """

    def __init__(self, root: Mapping[str, Any]) -> None:
        version = root.get("openapi")
        if not isinstance(version, str) or not version.startswith("3.1"):
            raise InvalidInputError(f"the contract is OpenAPI {version}; pass an OpenAPI 3.1 document")
        self.document = Document(root)
        self._exact: dict[str, Mapping[str, Operation]] = {}
        self._templates: list[tuple[str, tuple[str, ...], Mapping[str, Operation]]] = []
        for path, item in root.get("paths", {}).items():
            operations = self._operations(path, item)
            if "{" in path:
                self._templates.append((path, tuple(path.split("/")), operations))
            else:
                self._exact[path] = self._exact[quote(path)] = operations

    @cached_property
    def task_operations(self) -> dict[str, TaskOperations]:
        """The kinds of tasks, by the operationId of their create."""
        return find_task_operations(self.document.root)

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """All operations by operationId."""
        described = (*self._exact.values(), *(operations for _, _, operations in self._templates))
        return {operation.operation_id: operation for operations in described for operation in operations.values()}

    def find(self, path: str) -> Route | None:
        """The route of a percent-encoded path, or None. A path without parameters goes before a template."""
        operations = self._exact.get(path)
        if operations is not None:
            return Route(path, operations, {})
        segments = path.split("/")
        for template, parts, candidates in self._templates:
            if len(parts) == len(segments):
                values = dict(_match(parts, segments))
                if None not in values:
                    return Route(template, candidates, values)  # type: ignore[arg-type] # no key is None here
        return None

    def _operations(self, path: str, item: Mapping[str, Any]) -> dict[str, Operation]:
        operations = {}
        for method in METHODS:
            if method in item:
                if not item[method].get("operationId"):
                    raise InvalidInputError(f"the contract gives {method.upper()} {path} no operationId; add one")
                operations[method] = Operation(self.document, path, item, item[method])
        return operations


@cache
def compiled_contract() -> Contract:
    """The contract that the package contains. All mock gateways share its compiled validators."""
    return Contract(json.loads(files("kling_gateway").joinpath("contract.json").read_text(encoding="utf-8")))


def _match(template: tuple[str, ...], segments: list[str]) -> Iterator[tuple[str | None, str]]:
    """Each parameter of the path; the key None says that a segment does not match."""
    for wanted, found in zip(template, segments, strict=True):
        if wanted.startswith("{") and wanted.endswith("}") and found:
            yield wanted[1:-1], unquote(found)
        elif wanted != unquote(found):
            yield None, found
