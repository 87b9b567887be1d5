"""Values brought to the type that a generated operation wants."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from kling_voices import InvalidInputError
from kling_voices._arguments import Argument


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
    """Text is the member that it names; what the hint allows beside the enum stays what it is."""
    assert Argument("op", "kind", hint, is_required=True).typed(given) == made


def test_what_no_enum_has() -> None:
    """Every member that could have been meant is named."""
    with pytest.raises(InvalidInputError) as caught:
        Argument("op", "kind", First | Second, is_required=True).typed("c")
    first, second = (
        str(caught.value).removeprefix("the kind of op is one of ").removesuffix(", and not 'c'").split(", ")
    )
    assert {first, second} == {"a", "b"}
