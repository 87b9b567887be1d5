"""An argument of a generated operation: what its type hint says, and values brought to it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from io import BytesIO
from types import NoneType, UnionType
from typing import Any, get_args

from .errors import InvalidInputError

_READERS: dict[type, Any] = {
    int: int,
    float: float,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


class Argument:
    """One argument of an operation.

    Attributes:
        is_required: Whether the operation cannot do without it.
        is_file: Whether it may be a file, and nothing around it.
    """

    def __init__(self, operation: str, name: str, hint: Any, *, is_required: bool) -> None:
        self._called = f"the {name} of {operation}"
        self._kinds = frozenset(get_args(hint) if isinstance(hint, UnionType) else (hint,))
        self.is_required = is_required
        self.is_file = any(getattr(kind, "__name__", "") == "File" for kind in self._kinds)

    @cached_property
    def _model(self) -> Any:
        return next((kind for kind in self._kinds if hasattr(kind, "from_dict")), None)

    @cached_property
    def _enums(self) -> tuple[type[Enum], ...]:
        return tuple(kind for kind in self._kinds if isinstance(kind, type) and issubclass(kind, Enum))

    def typed(self, value: Any) -> Any:
        """A value as the generated code wants it: a mapping as its model, bytes as a file, text as a member of an enum.

        Raises InvalidInputError when model or enum cannot take it.
        """
        if isinstance(value, Mapping):
            return dict(value) if self._model is None else self._modelled(value)
        if isinstance(value, bytes) and self.is_file:
            from kling_gateway.types import File  # noqa: PLC0415 - the generated package is imported at the first call

            return File(payload=BytesIO(value))
        if self._enums and not isinstance(value, Enum):
            return self._member(value)
        return value

    def from_text(self, text: str) -> Any:
        """A value given as text, such as a shell has, in a type that is allowed. Raises InvalidInputError."""
        if str in self._kinds or self._enums:
            return text
        if bool in self._kinds and text in {"true", "false"}:
            return text == "true"
        for kind, read in _READERS.items():
            if kind in self._kinds:
                with contextlib.suppress(ValueError):
                    return read(text)
        names = {getattr(kind, "__name__", str(kind)) for kind in self._kinds - {NoneType}} - {"Unset"}
        raise InvalidInputError(f"{self._called} is of type {' or '.join(sorted(names))}, and {text!r} is not")

    def _member(self, value: Any) -> Any:
        for enum in self._enums:
            with contextlib.suppress(ValueError):
                return enum(value)
        if type(value) in self._kinds:  # such as None, or any text beside those that the enum names
            return value
        known = ", ".join(str(member.value) for enum in self._enums for member in enum)
        raise InvalidInputError(f"{self._called} is one of {known}, and not {value!r}")

    def _modelled(self, value: Mapping[str, Any]) -> Any:
        try:
            return self._model.from_dict(value)
        except KeyError as error:
            raise InvalidInputError(f"{self._called} needs the field {error}") from None
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(f"{self._called} is not of its form: {error}") from None
