"""Readable names for operations that the names overlay and the companions do not know, from their paths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from copy import deepcopy

from ..spec.documents import Document
from ..spec.operations import Place, operations
from ..spec.unique_names import unique_name

_LONGEST = 80  # characters; the name is a file's, too
_ADDED = re.compile(r"description: (Has moved from|Keeps its name) ?")
_UNSPOKEN = re.compile(r"^(kling|v1)$")  # in every path, so they tell nothing


def assign_names(document: Document) -> Document:
    """A copy in which each operation without an operationId has one, and a tag.

    A name is the method and the words of the path. Two paths that read alike are told apart by a number, in the order
    in which their pages came: so a new page never renames an operation.
    """
    named = deepcopy(document)
    taken = {operation["operationId"] for _, _, operation in operations(named) if "operationId" in operation}
    for path, method, operation in operations(named):
        if "operationId" in operation:
            continue
        name = unique_name(name_of(path, method), taken.__contains__, before_the_number="_")
        taken.add(name)
        operation["operationId"] = name
        operation["tags"] = [_tag(path)]
    return named


def name_of(path: str, method: str) -> str:
    """`get_videos_by_task_id` of GET /kling/v1/videos/{task_id}."""
    words = [method]
    for segment in path.split("/"):
        parameter = re.fullmatch(r"\{(.*)\}", segment)
        if parameter:
            words += ["by", *_words(parameter[1])]
        elif not _UNSPOKEN.match(segment):
            words += _words(segment)
    return "_".join(words)[:_LONGEST].rstrip("_")


def record_move(overlay: str, old: Place, new: Place, name: str | None) -> str:
    """The text of the names overlay, with an operation in its new place; `name` is what it must go on being called."""
    before, after = f"{_target(old)}\n", f"{_target(new)}\n"
    if before in overlay:
        return overlay.replace(before, after)
    if name is None or old.key == new.key:  # it is not named by its path
        return overlay
    return f"""{overlay.rstrip()}
  - target: {after.rstrip()}
    description: Has moved from {old}; the name that the wrapper calls it by stays.
    update:
      operationId: {name}
      tags: [voices]
"""


def record_name(overlay: str, place: Place, name: str) -> str:
    """The text of the names overlay, with an operation that keeps a name which its path would no longer give it."""
    return f"""{overlay.rstrip()}
  - target: {_target(place)}
    description: Keeps its name, though other paths that read like its own have come or gone.
    update:
      operationId: {name}
      tags: [{_tag(place.path)}]
"""


def prune_stale(overlay: str, places: Iterable[Place]) -> str:
    """The text of the names overlay without what was added to it for operations that are in no page any more."""
    targets = {_target(place) for place in places}
    head, *actions = re.split(r"(?m)^(?=  - target: )", overlay)
    kept = [
        action
        for action in actions
        if not _ADDED.search(action) or action.partition("target: ")[2].split("\n")[0] in targets
    ]
    return "".join([head, *kept])


def _target(place: Place) -> str:
    return f"$.paths['{place.path}'].{place.method}"


def _tag(path: str) -> str:
    words = (
        word
        for segment in path.split("/")
        if not _UNSPOKEN.match(segment)
        for word in _words(segment)
        if word[0].isalpha()
    )
    return next(words, "other")


def _words(text: str) -> list[str]:
    """The words of a segment in ASCII; letters that have none are named by their code points."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    plain = "".join(_plain(character) for character in unicodedata.normalize("NFKD", spaced))
    return [word for word in re.split(r"[^a-z0-9]+", plain.lower()) if word]


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    return f"_u{ord(character):x}_"
