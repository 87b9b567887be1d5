"""Converting values to the types of generated operations."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from kling_voices import InvalidInputError
from kling_voices._protocol.arguments import Argument


class First(Enum):
    """One enum."""

    A = "a"


class Second(Enum):
    """Another."""

    B = "b"


@pytest.mark.parametrize(
    ("hint", "given", "made"),
    [
        (First, "a", First.A),
        (First, First.A, First.A),
        (First | Second, "b", Second.B),
        (First | None, None, None),
        (str | First, "zz", "zz"),
        (str | First, "a", First.A),
    ],
)
def test_members_of_enums(hint: Any, given: Any, made: Any) -> None:
    """Text becomes the member that it names; a value of another allowed type is not changed."""
    assert Argument("op", "kind", hint, is_required=True).convert(given) == made


@pytest.mark.parametrize(
    ("hint", "text", "value"),
    [
        (str, "7", "7"),
        (str | None, "true", "true"),
        (First, "a", "a"),  # an enum is looked up when the request is built
        (str | First, "zz", "zz"),
        (bool, "true", True),
        (bool | None, "false", False),
        (int, "7", 7),
        (int | float, "1.5", 1.5),
    ],
)
def test_parse(hint: Any, text: str, value: Any) -> None:
    """Text stays text where text or an enum is allowed, and becomes a value of the allowed type elsewhere."""
    parsed = Argument("op", "kind", hint, is_required=True).parse(text)
    assert (type(parsed), parsed) == (type(value), value)


@pytest.mark.parametrize("text", ["yes", "True", "1.5", ""])
def test_text_of_another_type(text: str) -> None:
    """Text that fits no allowed type is an error that names the types."""
    with pytest.raises(
        InvalidInputError, match=f"the argument 'kind' of op must be of type bool or int, but it is '{text}'"
    ):
        Argument("op", "kind", int | bool | None, is_required=True).parse(text)


def test_a_value_that_is_no_member() -> None:
    """The message names every member."""
    with pytest.raises(InvalidInputError) as caught:
        Argument("op", "kind", First | Second, is_required=True).convert("c")
    first, second = (
        str(caught.value)
        .removeprefix("the argument 'kind' of op must be one of ")
        .removesuffix(", but it is 'c'")
        .split(", ")
    )
    assert {first, second} == {"a", "b"}
