"""The arguments of a generated operation: what its type hints say, and values brought to it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from io import BytesIO
from types import NoneType, UnionType
from typing import Any, get_args

from .errors import InvalidInputError


def kinds(hint: Any) -> frozenset[Any]:
    """The types that a hint allows."""
    return frozenset(get_args(hint) if isinstance(hint, UnionType) else (hint,))


def is_file(allowed: frozenset[Any]) -> bool:
    """Whether a file is among the types."""
    return any(getattr(kind, "__name__", "") == "File" for kind in allowed)


def typed(value: Any, allowed: frozenset[Any], of: tuple[str, str]) -> Any:
    """A value as the generated code wants it: a mapping as its model, bytes as a file, a text as a member of an enum.

    Raises InvalidInputError, with the name and the operation that it is `of`, when model or enum cannot take it.
    """
    if isinstance(value, Mapping):
        model = next((kind for kind in allowed if hasattr(kind, "from_dict")), None)
        return dict(value) if model is None else _modelled(value, model, of)
    if isinstance(value, bytes) and is_file(allowed):
        from kling_gateway.types import File  # noqa: PLC0415 - the generated package is imported at the first call

        return File(payload=BytesIO(value))
    for kind in allowed:
        if isinstance(kind, type) and issubclass(kind, Enum) and not isinstance(value, Enum):
            try:
                return kind(value)
            except ValueError:
                known = ", ".join(str(member.value) for member in kind)
                raise InvalidInputError(f"the {of[0]} of {of[1]} is one of {known}, and not {value!r}") from None
    return value


def from_text(text: str, allowed: frozenset[Any], of: tuple[str, str]) -> Any:
    """A value given as text, such as a shell has, in a type that is allowed. Raises InvalidInputError."""
    if str in allowed or any(isinstance(kind, type) and issubclass(kind, Enum) for kind in allowed):
        return text
    if bool in allowed and text in {"true", "false"}:
        return text == "true"
    for kind, read in _READERS.items():
        if kind in allowed:
            with contextlib.suppress(ValueError):
                return read(text)
    names = {getattr(kind, "__name__", str(kind)) for kind in allowed - {NoneType}} - {"Unset"}
    wanted = " or ".join(sorted(names))
    raise InvalidInputError(f"the {of[0]} of {of[1]} is of type {wanted}, and {text!r} is not")


def repeatable(request: dict[str, Any]) -> dict[str, Any]:
    """A request with its files read: it may be sent more than once, and a file can be read but once."""
    if hasattr(request.get("content"), "read"):
        request["content"] = request["content"].read()
    if "files" in request:
        request["files"] = [(name, _read(name, part)) for name, part in request["files"]]
    return request


_READERS: dict[type, Any] = {
    int: int,
    float: float,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def _modelled(value: Mapping[str, Any], model: Any, of: tuple[str, str]) -> Any:
    try:
        return model.from_dict(value)
    except KeyError as error:
        raise InvalidInputError(f"the {of[0]} of {of[1]} needs the field {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(f"the {of[0]} of {of[1]} is not of its form: {error}") from None


def _read(name: str, part: tuple[Any, ...]) -> tuple[Any, ...]:
    file_name, payload, *others = part
    if not hasattr(payload, "read"):
        return part
    return (file_name or name, payload.read(), *others)  # without a name it would be a field, and no file
