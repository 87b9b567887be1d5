"""The generated operations by name, and requests built by their own I/O-free halves."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple, get_type_hints

from . import _arguments
from .errors import InvalidInputError

# Those that the typed methods use; whatever a page calls them, regenerating keeps these names.
CREATE = "create_custom_voice"
QUERY = "get_custom_voice"
LIST = "list_custom_voices"
PRESETS = "list_preset_voices"
DELETE = "delete_custom_voice"


class Described(NamedTuple):
    """A generated operation, as the documents describe it."""

    name: str
    method: str
    path: str
    summary: str
    arguments: dict[str, bool]  # name → whether it is required


@cache
def names() -> tuple[str, ...]:
    """Every generated operation, sorted."""
    return tuple(sorted(_modules()))


def described() -> tuple[Described, ...]:
    """Every generated operation, sorted by name."""
    from importlib.resources import files  # noqa: PLC0415 - only who lists them needs it

    text = files("kling_gateway").joinpath("openapi.json").read_text(encoding="utf-8")
    found = [
        Described(name, method.upper(), path, operation.get("summary") or "", _takes(name))
        for path, item in json.loads(text)["paths"].items()
        for method, operation in item.items()
        if (name := operation["operationId"]) in _modules()
    ]
    return tuple(sorted(found))


def build(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The request for `operation` as httpx takes it, made by the generated `_get_kwargs`.

    Raises InvalidInputError for an operation or an argument that does not exist, one that is missing, and a body that
    its model cannot take.
    """
    if not isinstance(operation, str):
        raise InvalidInputError(f"the operation is {type(operation).__name__}; give its name")
    get_kwargs = _get_kwargs(operation)
    given = {
        name: _arguments.typed(value, _kinds(operation, name), (name, operation)) for name, value in arguments.items()
    }
    for name, required in _takes(operation).items():
        if required and name not in given:
            raise InvalidInputError(f"{operation} needs the argument {name!r}")
    try:
        request: dict[str, Any] = get_kwargs(**given)
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(f"{operation} cannot be built from these arguments: {error}") from None
    return _arguments.repeatable(request)


def from_text(operation: str, name: str, text: str) -> Any:
    """An argument that was given as text, in the type that the operation wants. Raises as `build` does."""
    return _arguments.from_text(text, _kinds(operation, name), (name, operation))


def takes_a_file(operation: str) -> bool:
    """Whether the body of an operation is a file, and nothing around it."""
    return "body" in _takes(operation) and _arguments.is_file(_kinds(operation, "body"))


@cache
def _modules() -> dict[str, str]:
    import pkgutil  # noqa: PLC0415 - the generated package is imported at the first call, and not with this one

    import kling_gateway.api  # noqa: PLC0415

    found = pkgutil.walk_packages(kling_gateway.api.__path__, f"{kling_gateway.api.__name__}.")
    return {module.name.rpartition(".")[2]: module.name for module in found if not module.ispkg}


def _module(operation: str) -> ModuleType:
    try:
        return importlib.import_module(_modules()[operation])
    except KeyError:
        known = ", ".join(names())
        raise InvalidInputError(f"there is no operation {operation!r}; the generated client has {known}") from None


@cache
def _get_kwargs(operation: str) -> Callable[..., dict[str, Any]]:
    function: Callable[..., dict[str, Any]] = _module(operation)._get_kwargs  # noqa: SLF001 - the generated half without I/O
    return function


@cache
def _takes(operation: str) -> dict[str, bool]:
    """Name → whether it is required."""
    parameters = inspect.signature(_get_kwargs(operation)).parameters.values()
    return {p.name: p.default is inspect.Parameter.empty for p in parameters}


@cache
def _kinds(operation: str, name: str) -> frozenset[Any]:
    """The types that an argument may have."""
    if name not in _takes(operation):
        takes = ", ".join(_takes(operation)) or "no arguments"
        raise InvalidInputError(f"{operation} has no argument {name!r}; it takes {takes}")
    return _arguments.kinds(get_type_hints(_get_kwargs(operation))[name])
