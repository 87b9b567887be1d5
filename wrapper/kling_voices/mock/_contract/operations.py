"""The operations of a contract: their requests and responses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from .bodies import Body
from .document import Document
from .parameters import Parameter, parameters
from .responses import Response, success_status


class Operation:
    """One operation of the contract. Schemas are compiled when they are first used."""

    def __init__(
        self, document: Document, path: str, path_item: Mapping[str, Any], description: Mapping[str, Any]
    ) -> None:
        self.path = path
        self._document, self._path_item, self._description = document, path_item, description
        self.operation_id: str = description["operationId"]
        self._responses: dict[int, Response] = {}

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, with those of its path."""
        declared = (*self._path_item.get("parameters", ()), *self._description.get("parameters", ()))
        return parameters(self._document, declared)

    @cached_property
    def body(self) -> Body | None:
        """Its request body, or None if the contract describes none."""
        described = self._document.resolve(self._description.get("requestBody"))
        return Body(self._document, described) if described else None

    @cached_property
    def success_status(self) -> int:
        """The status of a success."""
        return success_status(self._description.get("responses", {}))

    def response(self, status: int) -> Response:
        """The response that the contract describes for a status; an empty description if there is none."""
        if status not in self._responses:
            described = self._description.get("responses", {})
            found = described.get(str(status), described.get(f"{status // 100}XX", described.get("default", {})))
            self._responses[status] = Response(self._document, self._document.resolve(found))
        return self._responses[status]
