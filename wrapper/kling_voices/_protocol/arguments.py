"""The arguments of generated operations: converting values to the types that the generated code expects."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from io import BytesIO
from types import NoneType, UnionType
from typing import Any, get_args

from ..errors import InvalidInputError

_PARSERS: dict[type, Any] = {
    int: int,
    float: float,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


class Argument:
    """One argument of an operation.

    Attributes:
        is_required: Whether it has no default.
    """

    def __init__(self, operation: str, name: str, hint: Any, *, is_required: bool) -> None:
        self._label = f"the argument {name!r} of {operation}"
        self._types: frozenset[Any] = frozenset(get_args(hint) if isinstance(hint, UnionType) else (hint,))
        self.is_required = is_required
        self._file_class = next((type_ for type_ in self._types if getattr(type_, "__name__", "") == "File"), None)

    @property
    def is_file(self) -> bool:
        """Whether the argument can be one whole file."""
        return self._file_class is not None

    @cached_property
    def _body_class(self) -> Any:
        return next((type_ for type_ in self._types if hasattr(type_, "from_dict")), None)

    @cached_property
    def _enums(self) -> tuple[type[Enum], ...]:
        return tuple(type_ for type_ in self._types if isinstance(type_, type) and issubclass(type_, Enum))

    def convert(self, value: Any) -> Any:
        """The value in a generated type: a mapping as its class, bytes as a file, text as a member of an enum.

        Raises InvalidInputError if the class or enum does not accept it.
        """
        if isinstance(value, Mapping):
            return dict(value) if self._body_class is None else self._to_body(value)
        if isinstance(value, bytes) and self._file_class is not None:
            return self._file_class(payload=BytesIO(value))
        if self._enums and not isinstance(value, Enum):
            return self._to_member(value)
        return value

    def parse(self, text: str) -> Any:
        """The value of a text, such as a command-line option, in an allowed type. Raises InvalidInputError."""
        if str in self._types or self._enums:
            return text
        if bool in self._types and text in {"true", "false"}:
            return text == "true"
        for type_, parse in _PARSERS.items():
            if type_ in self._types:
                with contextlib.suppress(ValueError):
                    return parse(text)
        names = {getattr(type_, "__name__", str(type_)) for type_ in self._types - {NoneType}} - {"Unset"}
        raise InvalidInputError(f"{self._label} must be of type {' or '.join(sorted(names))}, but it is {text!r}")

    def _to_member(self, value: Any) -> Any:
        for enum in self._enums:
            with contextlib.suppress(ValueError):
                return enum(value)
        if type(value) in self._types:  # for example None, or any string beside the known members
            return value
        known = ", ".join(str(member.value) for enum in self._enums for member in enum)
        raise InvalidInputError(f"{self._label} must be one of {known}, but it is {value!r}")

    def _to_body(self, value: Mapping[str, Any]) -> Any:
        try:
            return self._body_class.from_dict(value)
        except KeyError as error:
            raise InvalidInputError(f"{self._label} needs the field {error}") from None
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(f"{self._label} has the wrong form: {error}") from None


def is_unset(value: Any) -> bool:
    """Whether a value is the `UNSET` of a generated package, which means absent."""
    return type(value).__name__ == "Unset"


def without_generated_types(value: Any) -> Any:
    """A JSON value as it was passed: without absent members, and with the values of enum members."""
    if isinstance(value, Mapping):
        return {key: without_generated_types(each) for key, each in value.items() if not is_unset(each)}
    if isinstance(value, list):
        return [without_generated_types(each) for each in value]
    return value.value if isinstance(value, Enum) else value
