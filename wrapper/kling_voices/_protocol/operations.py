"""The operations of a generated package, by name: their descriptions, and requests for `call`."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, get_type_hints

from attrs import frozen

from ..errors import InvalidInputError
from .arguments import Argument, is_unset, without_generated_types
from .file_parts import read_files
from .operation_info import OperationInfo, OperationObject, describe
from .schemas import body_schemas, required_fields, resolve
from .task_pattern import TaskOperations, find_missing_queries, find_task_operations


@frozen
class TaskQuery:
    """How one task is queried through `call`.

    Attributes:
        operation: The name of the query operation.
        id_argument: Its argument for the task id or external task id.
        arguments: Its other arguments, for an operation whose path has more parameters.
    """

    operation: str
    id_argument: str
    arguments: Mapping[str, Any]

    def arguments_for(self, task_id: str) -> dict[str, Any]:
        """All arguments of the query of one task."""
        return {**self.arguments, self.id_argument: task_id}


@frozen
class _Operation:
    """A generated operation: its request builder, and the arguments of that."""

    build_request: Callable[..., dict[str, Any]]
    arguments: dict[str, Argument]
    path_arguments: tuple[str, ...]


class OperationCatalog:
    """The operations of one generated package.

    Args:
        package: The import name of the package. It contains `openapi.json`, from which it was generated, and
            `contract.json`, which also has the bounds of fields.
    """

    def __init__(self, package: str = "kling_gateway") -> None:
        self._package = package
        self._operations: dict[str, _Operation] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all operations, sorted."""
        return tuple(sorted(self._modules))

    def describe(self, name: str) -> OperationInfo:
        """The description of an operation. Raises InvalidInputError if there is none with this name."""
        operation = self._find(name)
        return describe(
            self._contract,
            name,
            self._descriptions[name],
            arguments={key: self._is_required(name, key, value) for key, value in operation.arguments.items()},
            tasks=self._tasks.get(name),
        )

    def build_request(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The request for an operation, as keyword arguments of httpx.

        Raises InvalidInputError for an unknown operation, an unknown or missing argument, and a body that its class
        does not accept.
        """
        if not isinstance(name, str):
            raise InvalidInputError(f"the operation is of type {type(name).__name__}; pass its name")
        operation = self._find(name)
        given = {key: value for key, value in arguments.items() if not is_unset(value)}
        converted = {key: self._argument(name, key).convert(value) for key, value in given.items()}
        for key, argument in operation.arguments.items():
            if key not in converted and self._is_required(name, key, argument):
                raise InvalidInputError(f"{name} needs the argument {key!r}{self._hint(name, key)}")
        try:
            request = operation.build_request(**converted)
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(f"the arguments do not fit {name}: {error}") from None
        if "json" in request and isinstance(given.get("body"), Mapping):
            # The generated class checks the body, but it can change it: it reads "" as an empty object.
            request["json"] = without_generated_types(given["body"])
        return read_files(request)

    def parse_text(self, name: str, argument: str, text: str) -> Any:
        """Convert an argument from text to the type that the operation takes. Raises like `build_request`."""
        return self._argument(name, argument).parse(text)

    def is_body_a_file(self, name: str) -> bool:
        """Whether the whole body of an operation is one file."""
        body = self._find(name).arguments.get("body")
        return body is not None and body.is_file

    def creates_task(self, name: str) -> bool:
        """Whether an operation creates a task of Kling's task pattern, so that every call is charged."""
        return name in self._tasks

    def task_query(self, name: str, arguments: Mapping[str, Any]) -> TaskQuery | None:
        """How to query the task that a call creates or queries; None if the operation does neither."""
        query = self._queries.get(name)
        if query is None:
            return None
        *others, id_argument = self._find(query).path_arguments
        return TaskQuery(query, id_argument, {key: arguments[key] for key in others if key in arguments})

    def missing_query(self, name: str) -> str | None:
        """The path of the operation that would query the tasks of `name`, if no document describes it; else None."""
        return find_missing_queries(self._read("openapi.json")).get(name)

    @cached_property
    def _modules(self) -> dict[str, str]:
        import pkgutil  # noqa: PLC0415 - typed methods do not need it

        api = importlib.import_module(f"{self._package}.api")
        modules = pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
        return {module.name.rpartition(".")[2]: module.name for module in modules if not module.ispkg}

    @cached_property
    def _contract(self) -> dict[str, Any]:
        return self._read("contract.json")

    @cached_property
    def _descriptions(self) -> dict[str, OperationObject]:
        return {
            operation["operationId"]: OperationObject(path, method.upper(), operation, _parameters(item, operation))
            for path, item in self._contract["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict) and "operationId" in operation
        }

    @cached_property
    def _tasks(self) -> dict[str, TaskOperations]:
        return find_task_operations(self._read("openapi.json"))

    @cached_property
    def _queries(self) -> dict[str, str]:
        """The query operation of each operation that creates or queries a task."""
        return {name: tasks.query for tasks in self._tasks.values() for name in (tasks.create, tasks.query)}

    def _read(self, name: str) -> dict[str, Any]:
        from importlib.resources import files  # noqa: PLC0415 - slow to import, and only `call` needs it

        document: dict[str, Any] = json.loads(files(self._package).joinpath(name).read_text(encoding="utf-8"))
        return document

    def _find(self, name: str) -> _Operation:
        if name not in self._operations:
            self._operations[name] = self._load(name)
        return self._operations[name]

    def _load(self, name: str) -> _Operation:
        if name not in self._modules:
            raise InvalidInputError(f"there is no operation {name!r}; choose one of {', '.join(self.names)}")
        build_request: Callable[..., dict[str, Any]] = importlib.import_module(self._modules[name]).build_request
        hints = get_type_hints(build_request)
        parameters = inspect.signature(build_request).parameters.values()
        arguments = {
            parameter.name: Argument(
                name, parameter.name, hints[parameter.name], is_required=parameter.default is parameter.empty
            )
            for parameter in parameters
        }
        # The generator passes the parameters of the path by position, in their order in the path.
        in_path = tuple(parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD)
        return _Operation(build_request, arguments, in_path)

    def _argument(self, name: str, argument: str) -> Argument:
        arguments = self._find(name).arguments
        if argument not in arguments:
            takes = ", ".join(arguments) or "no arguments"
            raise InvalidInputError(f"{name} has no argument {argument!r}; it takes {takes}")
        return arguments[argument]

    def _is_required(self, name: str, key: str, argument: Argument) -> bool:
        """Whether an argument must be given. Without a required body, a call would be rejected or pay for nothing."""
        if argument.is_required or key != "body":
            return argument.is_required
        body = resolve(self._contract, self._descriptions[name].operation.get("requestBody", {}))
        return bool(body.get("required")) or name in self._tasks or bool(self._required_fields(name))

    def _hint(self, name: str, argument: str) -> str:
        fields = self._required_fields(name) if argument == "body" else ()
        return f" with the field{'s' if len(fields) > 1 else ''} {', '.join(fields)}" if fields else ""

    def _required_fields(self, name: str) -> list[str]:
        schemas = body_schemas(self._contract, self._descriptions[name].operation).values()
        return sorted({field for schema in schemas for field in required_fields(self._contract, schema)})


@cache
def default_catalog() -> OperationCatalog:
    """The operations of the installed package `kling_gateway`."""
    return OperationCatalog()


def _parameters(item: Mapping[str, Any], operation: Mapping[str, Any]) -> list[Any]:
    return [*item.get("parameters", ()), *operation.get("parameters", ())]
