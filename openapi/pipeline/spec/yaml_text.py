"""Read YAML 1.2 with keys as text, and with the line and the source text of each value."""

from __future__ import annotations

from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

Path: TypeAlias = tuple[str | int, ...]

_STRING = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"


def load(text: str) -> Any:
    """The value of a text. A key such as `true`, `null` or `1.0` is the text that it is written as.

    Raises ruamel's YAMLError, and other exceptions for malformed values such as the 31st of February.
    """
    yaml = YAML(typ="safe", pure=True)
    root = yaml.compose(text)
    if root is None:
        return None
    _make_keys_text(root, set())
    return yaml.constructor.construct_document(root)


def _make_keys_text(node: Node, seen: set[int]) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.tag != _MERGE:
                key.ctag = Tag(suffix=_STRING)
            _make_keys_text(value, seen)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            _make_keys_text(item, seen)


class Positions:
    """The position of each value of a YAML text. `load` must be able to read the text."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        """Index the text; `first_line` is the line of the file on which it begins."""
        self._lines: dict[Path, int] = {}
        self._sources: dict[Path, str] = {}
        root = YAML(typ="safe", pure=True).compose(text)
        if root is not None:
            self._index(root, (), first_line, set())

    def line(self, path: Path) -> int:
        """The line of the value, or of the nearest value around it; counted from 1."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def source(self, path: Path) -> str | None:
        """The source text of a scalar, such as `007` for the number 7; None if there is no scalar."""
        return self._sources.get(path)

    def _index(self, node: Node, path: Path, first_line: int, around: set[int]) -> None:
        self._lines.setdefault(path, node.start_mark.line + first_line)
        if id(node) in around:
            return
        inner = around | {id(node)}
        if isinstance(node, ScalarNode):
            self._sources[path] = str(node.value)
        elif isinstance(node, SequenceNode):
            for number, item in enumerate(node.value):
                self._index(item, (*path, number), first_line, inner)
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                if isinstance(key, ScalarNode):
                    below = (*path, str(key.value))
                    self._lines[below] = key.start_mark.line + first_line
                    self._index(value, below, first_line, inner)
