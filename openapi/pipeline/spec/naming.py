"""Readable names of operations, derived from their paths, and unique names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import chain, count

_MAX_LENGTH = 80  # characters; the name is a file's, too
_IN_EVERY_PATH = re.compile(r"^(kling|v1)$")


def unique_name(readable: str, is_taken: Callable[[str], bool], *, separator: str = "") -> str:
    """`readable` itself, or with the first number from 2 on."""
    numbered = (f"{readable}{separator}{number}" for number in count(2))
    return next(name for name in chain([readable], numbered) if not is_taken(name))


def name_of(path: str, method: str) -> str:
    """`get_videos_by_task_id` of GET /kling/v1/videos/{task_id}."""
    words = [method]
    for segment in path.split("/"):
        parameter = re.fullmatch(r"\{(.*)\}", segment)
        if parameter:
            words += ["by", *_words(parameter[1])]
        elif not _IN_EVERY_PATH.match(segment):
            words += _words(segment)
    return "_".join(words)[:_MAX_LENGTH].rstrip("_")


def tag_of(path: str) -> str:
    """The tag of an operation without one: the first word of its path."""
    words = (
        word
        for segment in path.split("/")
        if not _IN_EVERY_PATH.match(segment)
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
