"""Responses that are valid for the contract: from a preferred content, an example, or the schema alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from .._messages import encode_json
from .document import Document
from .instances import ABSENT, InstanceBuilder
from .schemas import flatten

_WITHOUT_BODY = frozenset({204, 205, 304})


def success_status(responses: Mapping[str, Any]) -> int:
    """The lowest success status that is described; 200 if none is."""
    exact = sorted(int(status) for status in responses if status.isdigit() and 200 <= int(status) < 300)
    return exact[0] if exact else 200


class Response:
    """The description of one response."""

    def __init__(self, document: Document, description: Mapping[str, Any]) -> None:
        self._document, self._description = document, description
        content = description.get("content", {})
        is_json = [name for name in content if "json" in name.lower()]
        self.media_type: str = next(iter((*is_json, *content)), "application/json")
        self._media: Mapping[str, Any] = content.get(self.media_type, {})
        self._schema = self._media.get("schema", True)

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return "json" in self.media_type.lower()

    @cached_property
    def _is_valid(self) -> Any:
        return self._document.validator(self._schema).is_valid

    @cached_property
    def example(self) -> Any:
        """The first documented example that is valid, or ABSENT."""
        return next((value for value in self._examples() if self._is_valid(value)), ABSENT)

    @cached_property
    def sample(self) -> Any:
        """The example, or a value with all properties that the schema describes.

        Raises Unbuildable if no valid value is found.
        """
        if self.example is not ABSENT:
            return self.example
        return InstanceBuilder(self._document, fill=True).build(self._schema)

    @property
    def describes_content(self) -> bool:
        """Whether the schema or an example says anything about the content."""
        if self.example is not ABSENT:
            return True
        if not isinstance(self._schema, dict):
            return False
        flat = flatten(self._document, self._schema)
        return any(flat.get(keyword) for keyword in flat if keyword not in {"type", "title", "description"}) or (
            flat.get("type", "object") != "object"
        )

    def fit(self, preferred: Any) -> Any:
        """`preferred` itself if it is valid, else a valid value with as much of it as the schema allows.

        Raises Unbuildable if no valid value is found.
        """
        if self._schema is True or self._is_valid(preferred):
            return preferred
        return InstanceBuilder(self._document, fill=False).build(self._schema, preferred)

    def complete(self, preferred: Any) -> Any:
        """A valid value with all properties that the schema describes, and with as much of `preferred` as it allows.

        Raises Unbuildable if no valid value is found.
        """
        if not self.describes_content:
            return self.fit(preferred)
        return InstanceBuilder(self._document, fill=True).build(self._schema, self._described_part(preferred))

    def encode(self, status: int, content: Any) -> bytes:
        """The body."""
        if status in _WITHOUT_BODY:
            return b""
        if self.is_json:
            return encode_json(content)
        return (content if isinstance(content, str) else "sample").encode()

    def headers(self) -> Iterator[tuple[str, str]]:
        """The headers that the contract requires, with values built from their schemas."""
        for name, description in self._description.get("headers", {}).items():
            header = self._document.resolve(description)
            if header.get("required") is True and name.lower() != "content-type":
                value = InstanceBuilder(self._document, fill=True).build(header.get("schema", {"type": "string"}))
                yield name.lower(), str(value)

    def _described_part(self, preferred: Any) -> Any:
        """The members of `preferred` that the schema names, so that nothing undocumented is added."""
        flat = flatten(self._document, self._schema) if isinstance(self._schema, dict) else {}
        if "properties" not in flat or not isinstance(preferred, dict):
            return ABSENT if "type" in flat and flat["type"] != "object" else preferred
        return {name: value for name, value in preferred.items() if name in flat["properties"]}

    def _examples(self) -> Iterator[Any]:
        if "example" in self._media:
            yield self._media["example"]
        for example in self._media.get("examples", {}).values():
            described = self._document.resolve(example)
            if isinstance(described, dict) and "value" in described:
                yield described["value"]
