"""The operations of a document, and the shapes of their paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .documents import Document


METHODS_WITHOUT_BODY = ("get", "head")  # RFC 9110 gives their bodies no meaning, and OpenAPI 3.0 ignores them
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation of a document as (path, method, operation)."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


_PREFIX = re.compile(r"^(kling|v[0-9]+)$")
_PARAMETER = re.compile(r"\{([^}]*)\}")


def shape(path: str) -> str:
    """A path without the names of its parameters, since documents of one operation name them differently."""
    return _PARAMETER.sub("{}", path)


def path_parameters(path: str) -> list[str]:
    """The names of a path's parameters, in its order."""
    return _PARAMETER.findall(path)


def with_path_parameters(path: str, names: Iterable[str]) -> str:
    """The path with its parameters renamed, in order."""
    new = iter(names)
    return _PARAMETER.sub(lambda _: f"{{{next(new)}}}", path)


class Place(NamedTuple):
    """Where an operation is served."""

    path: str
    method: str

    @property
    def key(self) -> tuple[str, str]:
        """How a server distinguishes operations: the names of a path's parameters do not matter to it."""
        return shape(self.path), self.method

    @property
    def identity(self) -> tuple[str, str]:
        """The same without version and vendor prefix, which stays the same if an operation moves to another version."""
        segments = [each for each in shape(self.path).split("/") if each and not _PREFIX.match(each)]
        return "/".join(segments), self.method

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def places(document: Document) -> dict[Place, dict[str, Any]]:
    """The operations of a document by their place."""
    return {Place(path, method): operation for path, method, operation in operations(document)}
