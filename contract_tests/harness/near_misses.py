"""Responses that differ from a valid response in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

_REPLACEMENTS: tuple[Any, ...] = (
    None,
    True,
    0,
    7,
    1.5,
    830460928805724256,
    "",
    "queued",
    [],
    {},
    [None],
    {"code": 1302},
)
_DROP = object()
_CHANGES: tuple[Callable[[Any], Any], ...] = (
    lambda _: _DROP,
    lambda value: {"data": value},
    lambda value: [value],
    str,
    *(lambda _, value=value: value for value in _REPLACEMENTS),
)


def near_misses(valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Valid documents with one place dropped, replaced, or wrapped in an object or a list."""
    return valid.flatmap(
        lambda document: st.builds(
            lambda place, change: _changed(document, place, change),
            st.sampled_from(sorted(_places(document), key=str) or [()]),
            st.sampled_from(_CHANGES),
        )
    )


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member of a document."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from _places(member, (*path, key))


def _changed(document: Any, place: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not place:
        return {"document": document}
    copy = deepcopy(document)
    parent = copy
    for step in place[:-1]:
        parent = parent[step]
    value = change(parent[place[-1]])
    if value is _DROP:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return copy
