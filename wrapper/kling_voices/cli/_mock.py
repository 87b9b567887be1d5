"""The command that serves the mock gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from ._app import EXIT_CODES, app
from ._errors import handle_errors

if TYPE_CHECKING:
    from ..mock._tasks.dialects import Dialect


@app.command(epilog=EXIT_CODES)
def mock(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 chooses a free one.", min=0, max=65535)] = 8765,
    api_key: Annotated[str, typer.Option(help="The key that the mock accepts. It is not a secret.")] = "mock-key",
    dialect: Annotated[
        str,
        typer.Option(
            help="The form of responses. kling: Kling's older envelope; documented: a create returns its request; "
            "kling-v2: Kling's newer envelope."
        ),
    ] = "kling",
    success_status: Annotated[
        str | None,
        typer.Option(help="The status of successful tasks, such as succeeded. Default: the status of the dialect."),
    ] = None,
    creation_seconds: Annotated[float, typer.Option(help="Seconds from a create to the end of its task.", min=0)] = 1.0,
    parallel_tasks: Annotated[
        int | None, typer.Option(help="Maximum number of tasks that run at the same time. Default: no limit.", min=1)
    ] = None,
    callback_secret: Annotated[
        str | None,
        typer.Option(help="Sign callbacks with this test secret (whsec_ and base64). Needs the extra `callbacks`."),
    ] = None,
    allow_remote_callbacks: Annotated[
        bool, typer.Option("--allow-remote-callbacks", help="Send callbacks to other machines, too.")
    ] = False,
    log: Annotated[bool, typer.Option("--log/--no-log", help="Write a line to stderr for each request.")] = True,
) -> None:
    """Serve a mock gateway that follows the contract, until Ctrl-C. Nothing is charged, and no real key is needed.

    Its page /_mock/ shows tasks, charges and requests, and switches faults on and off.
    """
    with handle_errors(as_json=False):
        from ..mock import MockGateway  # noqa: PLC0415 - the extra `mock` may be missing
        from ._serving import serve  # noqa: PLC0415 - asyncio is slow to import

        gateway = MockGateway(
            api_key,
            cast("Dialect", dialect),
            success_status=success_status,
            creation_seconds=creation_seconds,
            parallel_tasks=parallel_tasks,
            callback_secret=callback_secret,
        )
        serve(gateway, host, port, api_key=api_key, log=log, allow_remote_callbacks=allow_remote_callbacks)
