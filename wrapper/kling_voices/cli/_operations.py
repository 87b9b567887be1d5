"""The commands that call and list generated operations."""

from __future__ import annotations

from typing import Annotated

import typer

from .._protocol import operations as _operations
from ._app import EXIT_CODES, GatewayOption, JsonOption, KeyFileOption, app, open_client
from ._calling import arguments_of
from ._ending import ending, print_json
from ._showing import show_operations


@app.command(epilog=EXIT_CODES)
def call(
    operation: Annotated[str, typer.Argument(metavar="OPERATION", help="Its name; `operations` lists them.")],
    *,
    body: Annotated[
        str | None, typer.Option(help="JSON, or @FILE for what a file holds, @- for stdin.", show_default=False)
    ] = None,
    argument: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An argument beside the body; may be repeated.", show_default=False),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="A file for a field of the body; may be repeated.", show_default=False),
    ] = None,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call any operation of the generated client, with the same key, retries and errors; prints its data as JSON.

    A create is charged here, too, and is as little sent twice. With --json an error is a document on stdout, too.
    """
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        print_json(client.call(operation, **arguments_of(operation, argument or [], body, file or [])))


@app.command(epilog=EXIT_CODES)
def operations(*, as_json: JsonOption = False) -> None:
    """List the operations that `call` knows: name, method, path and arguments, a line each. Sends nothing."""
    with ending(as_json=as_json):
        show_operations(_operations.describe_operations(), as_json=as_json)
