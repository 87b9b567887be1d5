"""Read YAML 1.2 with keys as text, and with the line and the source text of each value."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

from .limits import DEEPEST, MOST_NODES, TOO_DEEP, TOO_MANY_NODES

Path: TypeAlias = tuple[str | int, ...]

_STRING = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"


class LimitError(YAMLError):
    """A text with too many nodes, or too many levels. Reading ends at the first node beyond a limit."""


class _LimitedComposer(Composer):
    """Composes nodes up to the limits, because a text of 1 MB can take minutes."""

    nodes = level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node, with all nodes below it. Raises LimitError."""
        self.nodes += 1
        if self.nodes > 2 * MOST_NODES:  # a key is a node of YAML, too
            raise LimitError(TOO_MANY_NODES)
        if self.level > DEEPEST:
            raise LimitError(TOO_DEEP)
        self.level += 1
        node = super().compose_node(parent, index)
        self.level -= 1
        return node


@lru_cache(maxsize=64)  # a page is read again under its stored name, and reading YAML is slow
def load(text: str) -> Any:
    """The value of a text, which must not be changed. A key such as `true` or `1.0` is the text that it is written as.

    Raises LimitError, ruamel's YAMLError, and other exceptions for malformed values such as the 31st of February.
    """
    yaml = _reader()
    root = yaml.compose(text)
    if root is None:
        return None
    _make_keys_text(root, set())
    return yaml.constructor.construct_document(root)


def _reader() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _LimitedComposer
    return yaml


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


@lru_cache(maxsize=64)
def positions(text: str, first_line: int = 1) -> Positions:
    """The positions in a text, as of `Positions`."""
    return Positions(text, first_line)


class Positions:
    """The position of each value of a YAML text. `load` must be able to read the text."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        """Index the text; `first_line` is the line of the file on which it begins."""
        self._lines: dict[Path, int] = {}
        self._sources: dict[Path, str] = {}
        root = _reader().compose(text)
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
