"""The kind of a scalar by its position in an OpenAPI document: a string, a value, or one of several words."""

from __future__ import annotations

from enum import Enum, auto

from attrs import frozen

from ...spec import walk

_PROSE = frozenset({"description", "summary", "title"})
_TEXTS = frozenset(
    {
        *("$ref", "authorizationUrl", "email", "name", "openIdConnectUrl", "operationId", "operationRef", "pattern"),
        *("propertyName", "refreshUrl", "termsOfService", "tokenUrl", "url", "version"),
    }
)


class Policy(Enum):
    """How an unquoted scalar may be read."""

    PROSE = auto()  # OpenAPI allows only a string here, and people write sentences
    TEXT = auto()  # OpenAPI allows only a string here, on one line
    KEYWORD = auto()  # a word or number of OpenAPI's own, which a comment may follow
    VALUE = auto()  # data of any type: YAML decides, and only what YAML refuses is a text
    KEY = auto()  # a key that YAML would read as something else
    CHOICE = auto()  # an item of an enumeration: a string, but a mapping is possible


class Keys(Enum):
    """The kind of the keys of a mapping."""

    KEYWORDS = auto()
    NAMES = auto()
    DATA = auto()


@frozen
class Position:
    """A place in the document: the keys of a mapping at this place, and the policy for list items."""

    keys: Keys
    items: Policy


ROOT = Position(Keys.KEYWORDS, Policy.VALUE)


def below(position: Position, key: str, *, is_root: bool) -> Position:
    """The position of the value of `key`, in a mapping at `position`."""
    if position.keys is Keys.NAMES:
        return Position(Keys.KEYWORDS, Policy.VALUE)
    if position.keys is Keys.DATA or walk.is_data(key):
        choice = position.keys is Keys.KEYWORDS and key == "enum"
        return Position(Keys.DATA, Policy.CHOICE if choice else Policy.VALUE)
    if key == "required" or (key == "tags" and not is_root):
        return Position(Keys.KEYWORDS, Policy.TEXT)
    return Position(Keys.NAMES if walk.is_names(key) else Keys.KEYWORDS, Policy.VALUE)


def item(position: Position) -> Position:
    """The position of an item of a list at `position`."""
    keys = Keys.DATA if position.keys is Keys.DATA else Keys.KEYWORDS
    return Position(keys, position.items)


def policy(position: Position, key: str) -> Policy:
    """The policy of a scalar that is the value of `key`, in a mapping at `position`."""
    if position.keys is not Keys.KEYWORDS or walk.is_data(key):
        return Policy.VALUE
    if key in _PROSE:
        return Policy.PROSE
    return Policy.TEXT if key in _TEXTS else Policy.KEYWORD
