"""The list of changes that the rules made to a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from ...spec import walk
from ...spec.refusals import shorten
from ...spec.yaml_text import Path, Positions

_LONGEST = 80


@frozen
class Normalisation:
    """A value of the page that was corrected."""

    place: str
    """Such as `paths//kling/v1/general/custom-voices/post/security`."""
    before: str
    """The value as JSON, shortened."""
    after: str
    """The same; empty if the value was dropped."""
    reason: str
    line: int | None = None
    """Of the file, counted from 1; None if the page has no such line."""

    def __str__(self) -> str:
        """One line for a report."""
        line = "" if self.line is None else f"line {self.line}, "
        return f"{line}{self.place}: {self.before} → {self.after or 'dropped'} ({self.reason})"


class Listing:
    """Collects the changes of one page."""

    def __init__(self, positions: Positions | None) -> None:
        """`positions`: the positions of the values in the page; None if its text does not contain them."""
        self.positions = positions
        self.entries: list[Normalisation] = []

    def add(self, path: Path, before: Any, after: Any, reason: str) -> None:
        """Record a change; `after` is None if the value was dropped."""
        line = None if self.positions is None else self.positions.line(path)
        place = "/".join(str(step) for step in path)
        shown = "" if after is None else _shown(after)
        self.entries.append(Normalisation(place, _shown(before), shown, reason, line))

    def source(self, path: Path, value: Any) -> str:
        """A scalar as the page writes it."""
        written = None if self.positions is None else self.positions.source(path)
        return _shown(value) if written is None else written


def _shown(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), _LONGEST)


def map_described(node: Any, change: Callable[[dict[str, Any], Path], dict[str, Any]], path: Path = ()) -> Any:
    """A copy of a document in which each object that describes, rather than names or is data, has been changed."""
    return _map(node, change, path, of_names=False)


def _map(node: Any, change: Callable[[dict[str, Any], Path], dict[str, Any]], path: Path, *, of_names: bool) -> Any:
    if isinstance(node, list):
        return [_map(item, change, (*path, number), of_names=False) for number, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    changed = dict(node if of_names else change(node, path))
    for key, value, names in list(walk.children(changed, of_names=of_names)):
        changed[key] = _map(value, change, (*path, key), of_names=names)
    return changed


def operations(document: dict[str, Any]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Each operation as (path in the document, method, operation), as far as the document is formed like OpenAPI."""
    paths = document.get("paths")
    for url, item in paths.items() if isinstance(paths, dict) else ():
        for method in ("get", "put", "post", "delete", "options", "head", "patch", "trace"):
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield ("paths", url, method), method, item[method]
