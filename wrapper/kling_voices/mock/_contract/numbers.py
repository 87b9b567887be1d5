"""Numbers for a schema: by bounds and divisor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

_DEFAULTS = (1, 0, -1)


def numbers(schema: Mapping[str, Any], preferred: Any, variant: int = 0, *, whole: bool) -> Iterator[int | float]:
    """Numbers that may be valid for a flat schema. The caller validates them.

    Args:
        schema: The schema.
        preferred: A number, or a string of digits, to use if the schema allows it.
        variant: Different numbers give different results, where the schema has room for them.
        whole: Whether only integers are allowed.
    """
    yield from _preferred(preferred)
    step = Fraction(str(schema.get("multipleOf", 1 if whole else 0)))
    low, high = _bounds(schema)
    for start in (low, *map(Fraction, _DEFAULTS), high):
        if start is not None:
            yield from _near(start + variant * (step or 1), step, is_upper=start is high)
    if low is not None and high is not None:
        yield _number((low + high) / 2)


def _preferred(value: Any) -> Iterator[int | float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value
    elif isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        yield int(value)


def _bounds(schema: Mapping[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    low = [Fraction(str(schema[name])) for name in ("minimum", "exclusiveMinimum") if _is_number(schema.get(name))]
    high = [Fraction(str(schema[name])) for name in ("maximum", "exclusiveMaximum") if _is_number(schema.get(name))]
    return max(low, default=None), min(high, default=None)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _near(start: Fraction, step: Fraction, *, is_upper: bool) -> Iterator[int | float]:
    """The first multiples of `step` from `start` on, or `start` and its neighbours if there is no step."""
    if not step:
        yield from map(_number, (start, start + 1, start - 1, start + Fraction(1, 1000), start - Fraction(1, 1000)))
        return
    first = math.floor(start / step) if is_upper else math.ceil(start / step)
    direction = -1 if is_upper else 1
    yield from (_number(step * (first + direction * offset)) for offset in range(3))


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)
