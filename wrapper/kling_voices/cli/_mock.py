"""The command that serves the mock gateway."""

from __future__ import annotations

from typing import Annotated

import typer

from ._app import EXIT_CODES, app
from ._errors import handle_errors


@app.command(epilog=EXIT_CODES)
def mock(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.", min=0, max=65535)] = 8765,
    api_key: Annotated[str, typer.Option(help="The key that the mock accepts; it guards nothing.")] = "mock-key",
    dialect: Annotated[str, typer.Option(help="kling: answer with the envelope; documented: echo a create.")] = "kling",
    creation_seconds: Annotated[float, typer.Option(help="Seconds from a create to its voice.", min=0)] = 1.0,
    log: Annotated[bool, typer.Option("--log/--no-log", help="A line on stderr for each request.")] = True,
) -> None:
    """Serve a mock gateway that keeps the contract, until Ctrl-C. Nothing is charged and no key is real."""
    with handle_errors(as_json=False):
        from ._serving import serve  # noqa: PLC0415 - the extra `mock` may be missing, and asyncio is slow to import

        serve(host, port, api_key=api_key, dialect=dialect, creation_seconds=creation_seconds, log=log)
