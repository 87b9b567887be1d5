"""Names of operations: from the names overlay or `companions.yaml`, otherwise derived from the paths.

The names overlay is edited here as YAML, with its comments and layout. What the pipeline has written is marked with an
`x-kling-recorded` key.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from ruamel.yaml import YAML

from ..spec.documents import Document
from ..spec.naming import name_of, tag_of, unique_name
from ..spec.operations import Place, operations
from ..spec.overlay import ABSENT
from ..spec.walk import copy_json

RECORDED, FORMERLY = "x-kling-recorded", "x-kling-formerly"


def assign_names(document: Document) -> Document:
    """A copy in which each operation without an operationId has one, and a tag.

    A name is the method and the words of the path. Two paths with the same words are told apart by a number, in the
    order in which their pages arrived: so a new page never renames an operation.
    """
    named = copy_json(document)
    taken = {operation["operationId"] for _, _, operation in operations(named) if "operationId" in operation}
    for path, method, operation in operations(named):
        if "operationId" in operation:
            continue
        name = unique_name(name_of(path, method), taken.__contains__, separator="_")
        taken.add(name)
        operation["operationId"] = name
        operation["tags"] = [tag_of(path)]
    return named


class NamesOverlay:
    """The text of the names overlay, to be edited."""

    def __init__(self, text: str) -> None:
        self._yaml = YAML()
        self._yaml.width, self._yaml.preserve_quotes = 120, True
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        self._text = text
        self._document: Any = self._yaml.load(text)
        self._is_changed = False

    @property
    def text(self) -> str:
        """The current text; without edits, it is unchanged byte for byte."""
        if not self._is_changed:
            return self._text
        stream = io.StringIO()
        self._yaml.dump(self._document, stream)
        return stream.getvalue()

    def record_move(self, old: Place, new: Place, name: str | None) -> None:
        """Record that an operation has moved; `name` is the name that it must keep."""
        actions = [action for action in self._actions if str(action["target"]).strip() == _target(old)]
        for action in actions:
            action["target"] = _target(new)
            _record_former(action, old, new)
            self._is_changed = True
        if not actions and name is not None and old.key != new.key:
            self._add(new, "moved", f"Has moved from {old}; keeps the name that the wrapper uses.", (name, "voices"))
            _record_former(self._actions[-1], old, new)

    def record_name(self, place: Place, name: str) -> None:
        """Keep a name that no longer follows from the operation's path."""
        reason = "Keeps its name, although paths with the same words have appeared or disappeared."
        self._add(place, "kept", reason, (name, tag_of(place.path)))

    def prune_stale(self, places: Iterable[Place]) -> None:
        """Remove recorded actions about operations that no page describes; mark the others as absent."""
        targets = {_target(place) for place in places}
        for number in reversed(range(len(self._actions))):
            action = self._actions[number]
            target = str(action["target"]).strip()
            if not target.startswith("$.paths["):
                continue
            if action.get(RECORDED) and target not in targets:
                del self._actions[number]
                self._is_changed = True
            elif (target not in targets) != bool(action.get(ABSENT)):
                self._is_changed = True
                if target in targets:
                    del action[ABSENT]
                else:
                    action[ABSENT] = True

    @property
    def _actions(self) -> Any:
        return self._document["actions"]

    def _add(self, place: Place, kind: str, description: str, name_and_tag: tuple[str, str]) -> None:
        name, tag = name_and_tag
        action = {"target": _target(place), RECORDED: kind, "description": description}
        self._actions.append({**action, "update": {"operationId": name, "tags": [tag]}})
        self._is_changed = True


def former_places(overlay: Document) -> frozenset[str]:
    """Where operations were before they moved, such as `POST /kling/v1/general/custom-voices`."""
    return frozenset(place for action in overlay.get("actions", ()) for place in action.get(FORMERLY, ()))


def _record_former(action: Any, old: Place, new: Place) -> None:
    """Record the old place, because other gateways may still describe the operation there."""
    former = [each for each in (*action.get(FORMERLY, ()), str(old)) if each != str(new)]
    if former:
        action[FORMERLY] = list(dict.fromkeys(former))
    elif FORMERLY in action:
        del action[FORMERLY]


def _target(place: Place) -> str:
    return f"$.paths['{place.path}'].{place.method}"
