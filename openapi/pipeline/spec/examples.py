"""Replace references to examples by the examples, because not every tool resolves such references."""

from __future__ import annotations

from typing import Any

from .documents import Document
from .walk import copy_json, dereference


def inline_examples(document: Document) -> Document:
    """A copy of `document` whose media types have their examples in place; `components.examples` is gone."""
    inlined: Document = copy_json(document)
    _inline(document, inlined)
    inlined.get("components", {}).pop("examples", None)
    return inlined


def _inline(document: Document, node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _inline(document, item)
    elif isinstance(node, dict):
        examples = node.get("examples")
        if isinstance(examples, dict) and ("schema" in node or "value" not in examples):
            node["examples"] = {name: copy_json(dereference(document, each)) for name, each in examples.items()}
        for value in node.values():
            _inline(document, value)
