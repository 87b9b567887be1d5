"""The generated operations by name, and requests built by their own I/O-free halves."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_type_hints

import kling_gateway.api

from .errors import InvalidInputError


@cache
def names() -> tuple[str, ...]:
    """Every generated operation, sorted."""
    return tuple(sorted(_modules()))


def build(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The request for `operation` as httpx takes it, made by the generated `_get_kwargs`.

    Raises InvalidInputError for an operation or an argument that does not exist, one that is missing, and a body that
    its model cannot take.
    """
    if not isinstance(operation, str):
        raise InvalidInputError(f"the operation is {type(operation).__name__}; give its name")
    get_kwargs = _get_kwargs(operation)
    allowed = _arguments(operation)
    for name in arguments:
        if name not in allowed:
            takes = ", ".join(allowed) or "no arguments"
            raise InvalidInputError(f"{operation} has no argument {name!r}; it takes {takes}")
    for name, required in allowed.items():
        if required and name not in arguments:
            raise InvalidInputError(f"{operation} needs the argument {name!r}")
    given = dict(arguments)
    if isinstance(given.get("body"), Mapping):
        given["body"] = _modelled(operation, given["body"])
    try:
        request: dict[str, Any] = get_kwargs(**given)
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(f"{operation} cannot be built from these arguments: {error}") from None
    return request


def _modelled(operation: str, body: Mapping[str, Any]) -> Any:
    model = _body_model(operation)
    if model is None:
        return dict(body)
    try:
        return model.from_dict(body)
    except KeyError as error:
        raise InvalidInputError(f"the body of {operation} needs the field {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(f"the body of {operation} is not of its form: {error}") from None


@cache
def _modules() -> dict[str, str]:
    found = pkgutil.walk_packages(kling_gateway.api.__path__, f"{kling_gateway.api.__name__}.")
    return {module.name.rpartition(".")[2]: module.name for module in found if not module.ispkg}


def _module(operation: str) -> ModuleType:
    try:
        return importlib.import_module(_modules()[operation])
    except KeyError:
        known = ", ".join(names())
        raise InvalidInputError(f"there is no operation {operation!r}; the generated client has {known}") from None


def _get_kwargs(operation: str) -> Callable[..., dict[str, Any]]:
    function: Callable[..., dict[str, Any]] = _module(operation)._get_kwargs  # noqa: SLF001 - the generated half without I/O
    return function


@cache
def _arguments(operation: str) -> dict[str, bool]:
    """Name → whether it is required."""
    parameters = inspect.signature(_get_kwargs(operation)).parameters.values()
    return {p.name: p.default is inspect.Parameter.empty for p in parameters}


@cache
def _body_model(operation: str) -> Any:
    """The attrs model of the body, or None where it has none."""
    hint = get_type_hints(_get_kwargs(operation)).get("body")
    return next((kind for kind in (hint, *get_args(hint)) if hasattr(kind, "from_dict")), None)
