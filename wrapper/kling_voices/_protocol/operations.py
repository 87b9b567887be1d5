"""The generated operations by name: their descriptions, and requests for `call`."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from ..errors import InvalidInputError
from .arguments import Argument


class OperationInfo(NamedTuple):
    """The description of a generated operation."""

    name: str
    method: str
    path: str
    summary: str
    arguments: dict[str, bool]  # name → whether it is required


class _Operation(NamedTuple):
    """The request builder of a generated operation, and its arguments."""

    build_request: Callable[..., dict[str, Any]]
    arguments: dict[str, Argument]


@cache
def operation_names() -> tuple[str, ...]:
    """The names of all generated operations, sorted."""
    return tuple(sorted(_modules()))


def describe_operations() -> tuple[OperationInfo, ...]:
    """All generated operations, sorted by name."""
    from importlib.resources import files  # noqa: PLC0415 - slow to import, and rarely needed

    text = files("kling_gateway").joinpath("openapi.json").read_text(encoding="utf-8")
    operations = [
        OperationInfo(
            name,
            method.upper(),
            path,
            operation.get("summary") or "",
            {argument: value.is_required for argument, value in _operation(name).arguments.items()},
        )
        for path, item in json.loads(text)["paths"].items()
        for method, operation in item.items()
        if (name := operation["operationId"]) in _modules()
    ]
    return tuple(sorted(operations))


def build_request(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The request for `operation`, as keyword arguments of httpx.

    Raises InvalidInputError for an unknown operation, an unknown or missing argument, and a body that its class does
    not accept.
    """
    if not isinstance(operation, str):
        raise InvalidInputError(f"the operation is of type {type(operation).__name__}; pass its name")
    generated = _operation(operation)
    converted = {name: _argument(operation, name).convert(value) for name, value in arguments.items()}
    for name, argument in generated.arguments.items():
        if argument.is_required and name not in converted:
            raise InvalidInputError(f"{operation} needs the argument {name!r}")
    try:
        request = generated.build_request(**converted)
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(f"the arguments do not fit {operation}: {error}") from None
    return _read_files(request)


def from_text(operation: str, name: str, text: str) -> Any:
    """Convert an argument from text to the type that the operation takes. Raises like `build_request`."""
    return _argument(operation, name).parse(text)


def is_body_a_file(operation: str) -> bool:
    """Whether the whole body of an operation is one file."""
    body = _operation(operation).arguments.get("body")
    return body is not None and body.is_file


@cache
def _modules() -> dict[str, str]:
    import pkgutil  # noqa: PLC0415 - `--help` does not need the generated package

    import kling_gateway.api  # noqa: PLC0415

    modules = pkgutil.walk_packages(kling_gateway.api.__path__, f"{kling_gateway.api.__name__}.")
    return {module.name.rpartition(".")[2]: module.name for module in modules if not module.ispkg}


@cache
def _operation(operation: str) -> _Operation:
    if operation not in _modules():
        known = ", ".join(operation_names())
        raise InvalidInputError(f"there is no operation {operation!r}; choose one of {known}")
    build_request: Callable[..., dict[str, Any]] = importlib.import_module(_modules()[operation]).build_request
    hints = get_type_hints(build_request)
    arguments = {
        parameter.name: Argument(
            operation,
            parameter.name,
            hints[parameter.name],
            is_required=parameter.default is inspect.Parameter.empty,
        )
        for parameter in inspect.signature(build_request).parameters.values()
    }
    return _Operation(build_request, arguments)


def _argument(operation: str, name: str) -> Argument:
    arguments = _operation(operation).arguments
    if name not in arguments:
        takes = ", ".join(arguments) or "no arguments"
        raise InvalidInputError(f"{operation} has no argument {name!r}; it takes {takes}")
    return arguments[name]


def _read_files(request: dict[str, Any]) -> dict[str, Any]:
    """The request with its files as bytes: a file object can be read once, but a request can be sent several times."""
    if hasattr(request.get("content"), "read"):
        request["content"] = request["content"].read()
    if "files" in request:
        request["files"] = [(name, _read_part(name, part)) for name, part in request["files"]]
    return request


def _read_part(name: str, part: tuple[Any, ...]) -> tuple[Any, ...]:
    file_name, payload, *others = part
    if not hasattr(payload, "read"):
        return part
    return (file_name or name, payload.read(), *others)  # a part without a file name would be sent as a form field
