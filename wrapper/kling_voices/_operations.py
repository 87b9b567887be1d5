"""The generated operations by name, and requests built by their own I/O-free halves."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from ._arguments import Argument
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


class _Generated(NamedTuple):
    """The half of a generated operation that does no input or output."""

    get_kwargs: Callable[..., dict[str, Any]]
    arguments: dict[str, Argument]


@cache
def names() -> tuple[str, ...]:
    """Every generated operation, sorted."""
    return tuple(sorted(_modules()))


def described() -> tuple[Described, ...]:
    """Every generated operation, sorted by name."""
    from importlib.resources import files  # noqa: PLC0415 - only who lists them needs it

    text = files("kling_gateway").joinpath("openapi.json").read_text(encoding="utf-8")
    found = [
        Described(
            name,
            method.upper(),
            path,
            operation.get("summary") or "",
            {each: argument.is_required for each, argument in _generated(name).arguments.items()},
        )
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
    generated = _generated(operation)
    given = {name: _argument(operation, name).typed(value) for name, value in arguments.items()}
    for name, argument in generated.arguments.items():
        if argument.is_required and name not in given:
            raise InvalidInputError(f"{operation} needs the argument {name!r}")
    try:
        request = generated.get_kwargs(**given)
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(f"{operation} cannot be built from these arguments: {error}") from None
    return _repeatable(request)


def from_text(operation: str, name: str, text: str) -> Any:
    """An argument that was given as text, in the type that the operation wants. Raises as `build` does."""
    return _argument(operation, name).from_text(text)


def takes_a_file(operation: str) -> bool:
    """Whether the body of an operation is a file, and nothing around it."""
    body = _generated(operation).arguments.get("body")
    return body is not None and body.is_file


@cache
def _modules() -> dict[str, str]:
    import pkgutil  # noqa: PLC0415 - the generated package is imported at the first call, and not with this one

    import kling_gateway.api  # noqa: PLC0415

    found = pkgutil.walk_packages(kling_gateway.api.__path__, f"{kling_gateway.api.__name__}.")
    return {module.name.rpartition(".")[2]: module.name for module in found if not module.ispkg}


@cache
def _generated(operation: str) -> _Generated:
    if operation not in _modules():
        known = ", ".join(names())
        raise InvalidInputError(f"there is no operation {operation!r}; the generated client has {known}")
    get_kwargs = importlib.import_module(_modules()[operation])._get_kwargs  # noqa: SLF001 - the half without I/O
    hints = get_type_hints(get_kwargs)
    arguments = {
        parameter.name: Argument(
            operation,
            parameter.name,
            hints[parameter.name],
            is_required=parameter.default is inspect.Parameter.empty,
        )
        for parameter in inspect.signature(get_kwargs).parameters.values()
    }
    return _Generated(get_kwargs, arguments)


def _argument(operation: str, name: str) -> Argument:
    arguments = _generated(operation).arguments
    if name not in arguments:
        takes = ", ".join(arguments) or "no arguments"
        raise InvalidInputError(f"{operation} has no argument {name!r}; it takes {takes}")
    return arguments[name]


def _repeatable(request: dict[str, Any]) -> dict[str, Any]:
    """A request with its files read: it may be sent more than once, and a file can be read but once."""
    if hasattr(request.get("content"), "read"):
        request["content"] = request["content"].read()
    if "files" in request:
        request["files"] = [(name, _read(name, part)) for name, part in request["files"]]
    return request


def _read(name: str, part: tuple[Any, ...]) -> tuple[Any, ...]:
    file_name, payload, *others = part
    if not hasattr(payload, "read"):
        return part
    return (file_name or name, payload.read(), *others)  # without a name it would be a field, and no file
