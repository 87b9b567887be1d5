"""A name that is still free: the readable one, else the same with the first number that makes it so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count


def unique_name(readable: str, is_taken: Callable[[str], bool], *, before_the_number: str = "") -> str:
    """`readable` itself, or with the first number from 2 on."""
    numbered = (f"{readable}{before_the_number}{number}" for number in count(2))
    return next(name for name in chain([readable], numbered) if not is_taken(name))
