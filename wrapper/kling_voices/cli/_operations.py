"""The commands that call and describe generated operations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer
from typer.core import TyperCommand

from ..errors import KlingVoicesError
from ._advice import Advice
from ._app import EXIT_CODES, GatewayOption, JsonOption, KeyFileOption, TimeoutOption, app, open_client
from ._arguments import parse_arguments
from ._console import print_json, print_message, print_result
from ._errors import handle_errors
from ._operation_help import write_operation
from ._progress import show_progress

if TYPE_CHECKING:
    from .._protocol.operation_info import OperationInfo
    from .._protocol.operations import OperationCatalog

_ARGUMENTS = "kling_voices.arguments"  # a key of the context's `meta`


class CallCommand(TyperCommand):
    """`call`, whose help also describes the operation that is named before `--help`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remember the arguments, because the help is printed before they are parsed."""
        ctx.meta[_ARGUMENTS] = tuple(args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the fields of the named operation, then the epilog."""
        arguments = [argument for argument in ctx.meta.get(_ARGUMENTS, ()) if not argument.startswith("-")]
        for name in arguments[:1]:
            with handle_errors(as_json=False):
                write_operation(formatter, _catalog().describe(name))
        super().format_epilog(ctx, formatter)


def _complete_operation(incomplete: str) -> list[str]:
    return [name for name in _catalog().names if name.startswith(incomplete)]


@app.command(epilog=EXIT_CODES, cls=CallCommand)
def call(
    operation: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The name of the operation. `operations` lists all of them; NAME --help describes one.",
            autocompletion=_complete_operation,
        ),
    ],
    *,
    body: Annotated[
        str | None, typer.Option(help="JSON text, or @FILE to read a file, or @- to read stdin.", show_default=False)
    ] = None,
    argument: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An argument other than the body; repeatable.", show_default=False),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="A file for one field of the body; repeatable.", show_default=False),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the created or queried task, and print its data.")
    ] = False,
    timeout: TimeoutOption = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call any operation of the generated client.

    Prints the data of the response as JSON. An operation that creates a task is charged. It is never charged twice,
    like `create`. With --json, an error is a JSON document on stdout, too.
    """
    with handle_errors(as_json=as_json):
        arguments = parse_arguments(_catalog(), operation, argument or [], body, file or [])
        advice = _advice(operation, arguments, Advice(gateway, api_key_file))
    with handle_errors(as_json=as_json, advice=advice), open_client(gateway, api_key_file) as client:
        with show_progress(f"Waiting for {operation}" if wait else f"Calling {operation}") as update:
            data = client.call(operation, wait=wait, timeout=timeout, on_update=update, **arguments)
        try:
            print_json(data)
        except KlingVoicesError:  # the call may have been paid for
            print_message(json.dumps(data))
            raise


@app.command(epilog=EXIT_CODES)
def operations(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(help="Describe only this operation.", autocompletion=_complete_operation, show_default=False),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the operations of `call`, or describe one.

    Nothing is sent. The list has one line per operation: name, method, path and arguments; those in brackets are
    optional.
    """
    with handle_errors(as_json=as_json):
        if name is None:
            _print_list([_catalog().describe(each) for each in _catalog().names], as_json=as_json)
            return
        operation = _catalog().describe(name)
        if as_json:
            print_json(attrs.asdict(operation))
            return
        formatter = ctx.make_formatter()
        write_operation(formatter, operation)
        print_result(formatter.getvalue().strip("\n"))


def _print_list(operations: list[OperationInfo], *, as_json: bool) -> None:
    if as_json:
        print_json([attrs.asdict(operation) for operation in operations])
        return
    for operation in operations:
        arguments = (key if required else f"[{key}]" for key, required in operation.arguments.items())
        print_result("\t".join((operation.name, operation.method, operation.path, " ".join(arguments))))


def _advice(operation: str, arguments: dict[str, Any], voices: Advice) -> Advice:
    """The commands that continue a call: those for voices, or `call` with the query operation of the task."""
    query = _catalog().task_query(operation, arguments)
    if query is None:
        return voices

    def words(task_id: str) -> tuple[str, ...]:
        pairs = (f"{key}={value}" for key, value in query.arguments_for(task_id).items())
        return ("call", query.operation, *(word for pair in pairs for word in ("--argument", pair)))

    return attrs.evolve(voices, lookup_words=words, resume_words=lambda task_id: (*words(task_id), "--wait"))


def _catalog() -> OperationCatalog:
    from .._protocol.operations import default_catalog  # noqa: PLC0415 - `--help` does not need it

    return default_catalog()
