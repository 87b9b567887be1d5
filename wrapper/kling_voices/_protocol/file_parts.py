"""Reading the files of a request into memory: a file object can be read once, but a request can be sent again."""

from __future__ import annotations

from typing import Any


def read_files(request: dict[str, Any]) -> dict[str, Any]:
    """The request with its files as bytes."""
    if hasattr(request.get("content"), "read"):
        request["content"] = request["content"].read()
    if "files" in request:
        request["files"] = [(name, _read_part(name, part)) for name, part in request["files"]]
    return request


def _read_part(name: str, part: tuple[Any, ...]) -> tuple[Any, ...]:
    file_name, payload, *others = part
    if not hasattr(payload, "read"):
        return part
    return (file_name or name, payload.read(), *others)  # a part without a file name would be sent as a form field
