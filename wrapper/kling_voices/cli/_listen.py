"""The command that receives callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import EXIT_CODES, GatewayOption, KeyFileOption, app, open_client
from ._errors import handle_errors


@app.command(epilog=EXIT_CODES)
def listen(
    *,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="KLING_CALLBACK_TOKEN",
            show_default=False,
            help="A secret that is the last part of the path: 16 characters or more. Default: a new token, which "
            "is printed.",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on. 0.0.0.0 means all network interfaces.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 chooses a free one.", min=0, max=65535)] = 8766,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help="A file with the signing secret (whsec_ and base64). If it is given, unsigned callbacks are refused."
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            help="An SQLite file for queued callbacks, so that a restart loses none. Failed callbacks are "
            "retried at the start. Default: memory only."
        ),
    ] = None,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each task as one line of JSON.")] = False,
) -> None:
    """Receive callbacks until Ctrl-C, query the gateway for each, and print the tasks.

    Prints one line per status of a task: task id, status, voice id. The command prints its address at the start. Put a
    TLS proxy that the gateway can reach in front of this address, and pass the URL of the proxy as --callback-url to
    `create`.
    """
    with handle_errors(as_json=as_json):
        from ._listening import listen_until_interrupted  # noqa: PLC0415 - the extra `callbacks` may be missing

        with open_client(gateway, api_key_file) as client:
            listen_until_interrupted(
                client, host, port, token=token, secret_file=secret_file, store_file=store, as_json=as_json
            )
