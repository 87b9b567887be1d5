"""The commands about voices and their tasks."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from ..errors import OutcomeUnknownError
from ._advice import Advice
from ._app import (
    EXIT_CODES,
    GatewayOption,
    JsonOption,
    KeyFileOption,
    LimitOption,
    PageSizeOption,
    TimeoutOption,
    app,
    open_client,
)
from ._console import print_json, print_message
from ._errors import handle_errors
from ._output import print_finished_task, print_task, print_tasks, print_voices, task_as_json
from ._progress import show_progress


@app.command(epilog=EXIT_CODES)
def get(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="A task id or an external task id.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Query a task once.

    Prints the id of the voice if the task has succeeded, else the id of the task.
    """
    with handle_errors(as_json=as_json), open_client(gateway, api_key_file) as client:
        print_task(client.get_task(task_id), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def wait(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="A task id or an external task id.")],
    *,
    timeout: TimeoutOption = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until a task has succeeded, and print its voice id."""
    advice = Advice(gateway, api_key_file)
    with handle_errors(as_json=as_json, advice=advice), open_client(gateway, api_key_file) as client:
        with show_progress(f"Waiting for {task_id}") as update:
            task = client.wait(task_id, timeout=timeout, on_update=update)
        print_finished_task(task, as_json=as_json, advice=advice)


@app.command("list", epilog=EXIT_CODES)
def list_(
    *,
    limit: LimitOption = 100,
    page_size: PageSizeOption = 30,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the tasks of the account.

    Prints one line per task: id, status and voice id. A gateway account can serve many customers, so the list can
    be partial or show tasks of others.
    """
    with handle_errors(as_json=as_json), open_client(gateway, api_key_file) as client:
        print_tasks(islice(client.list_tasks(page_size=page_size), limit), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def presets(
    *,
    limit: LimitOption = 100,
    page_size: PageSizeOption = 30,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the preset voices of Kling.

    Prints one line per voice: id and name.
    """
    with handle_errors(as_json=as_json), open_client(gateway, api_key_file) as client:
        print_voices(islice(client.list_presets(page_size=page_size), limit), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def delete(
    voice_id: Annotated[str, typer.Argument(metavar="VOICE_ID", help="The id of the voice, not of its task.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a voice permanently."""
    with handle_errors(as_json=as_json), open_client(gateway, api_key_file) as client:
        task = client.delete_voice(voice_id)
        if as_json:
            print_json(task_as_json(task))
        print_message(f"the voice {voice_id} is deleted")


@app.command(epilog=EXIT_CODES)
def recover(
    external_task_id: Annotated[
        str, typer.Argument(metavar="EXTERNAL_ID", help="The external task id from the error message.")
    ],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look up the task of a create with unknown outcome.

    Run this command before you create the voice again; otherwise you could pay twice. The exit code is 4 if the gateway
    does not find the task. This does not prove that nothing was created.
    """
    advice = Advice(gateway, api_key_file, is_lookup=True)
    with handle_errors(as_json=as_json, advice=advice), open_client(gateway, api_key_file) as client:
        task = client.recover(external_task_id)
        if task is None:
            raise OutcomeUnknownError(
                "The gateway found no task with this external task id. This does not prove that nothing was created.",
                outcome="unknown",
                external_task_id=external_task_id,
            )
        print_task(task, as_json=as_json)
