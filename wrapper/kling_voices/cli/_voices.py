"""The commands about voices and their tasks."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, TypedDict

import typer

from ..errors import OutcomeUnknownError
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
from ._ending import ending, print_json, say
from ._showing import progress, show_task, show_tasks, show_voices, task_as_json


class Source(TypedDict):
    """What a voice is made from."""

    voice_url: str | None
    video_id: str | None
    callback_url: str | None
    external_task_id: str | None


@app.command(epilog=EXIT_CODES)
def create(
    name: Annotated[str, typer.Argument(help="The voice's name: 1 to 20 characters.", show_default=False)],
    *,
    voice_url: Annotated[
        str | None,
        typer.Option(help="Public address of an .mp3, .wav, .mp4 or .mov: 5 to 30 seconds of one clean voice."),
    ] = None,
    video_id: Annotated[
        str | None, typer.Option(help="A Kling video to take the voice from, in place of a URL.")
    ] = None,
    callback_url: Annotated[str | None, typer.Option(help="Address that is told of changes; only a hint.")] = None,
    external_task_id: Annotated[
        str | None, typer.Option(help="Your own id of the task; a fresh one by default.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the voice is ready and print its id.")] = False,
    timeout: TimeoutOption = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a voice from audio. Each create is charged; it is never sent twice for one voice.

    Prints the task's id, or with --wait the voice's id.
    """
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        source: Source = {
            "voice_url": voice_url,
            "video_id": video_id,
            "callback_url": callback_url,
            "external_task_id": external_task_id,
        }
        if wait:
            with progress(f"Making the voice {name}") as update:
                task = client.create_and_wait(name, **source, timeout=timeout, on_update=update)
        else:
            task = client.create_voice(name, **source)
        show_task(task, as_json=as_json, wants_voice=wait)


@app.command(epilog=EXIT_CODES)
def get(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="A task id or external task id.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a task as it stands: its voice id once it has succeeded."""
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        show_task(client.get_task(task_id), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def wait(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="A task id or external task id.")],
    *,
    timeout: TimeoutOption = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until a task has succeeded, and print its voice id."""
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        with progress(f"Waiting for {task_id}") as update:
            task = client.wait(task_id, timeout=timeout, on_update=update)
        show_task(task, as_json=as_json, wants_voice=True)


@app.command("list", epilog=EXIT_CODES)
def list_(
    *,
    limit: LimitOption = 100,
    page_size: PageSizeOption = 30,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the account's tasks: id, status and voice id, a line each.

    A gateway account can serve many customers, so the list may be partial or show tasks of others.
    """
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        show_tasks(islice(client.list_tasks(page_size=page_size), limit), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def presets(
    *,
    limit: LimitOption = 100,
    page_size: PageSizeOption = 30,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the voices that Kling itself offers: id and name, a line each."""
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        show_voices(islice(client.list_presets(page_size=page_size), limit), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def delete(
    voice_id: Annotated[str, typer.Argument(metavar="VOICE_ID", help="The voice's id, not its task's.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a voice for good."""
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        task = client.delete_voice(voice_id)
        if as_json:
            print_json(task_as_json(task))
        say(f"the voice {voice_id} is deleted")


@app.command(epilog=EXIT_CODES)
def recover(
    external_task_id: Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="The id that the error has named.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for the task of a create whose answer was lost, so that it is not paid for twice.

    Exits with 4 where the gateway does not know it: that does not prove that nothing was created.
    """
    with ending(as_json=as_json), open_client(gateway, api_key_file) as client:
        task = client.recover(external_task_id)
        if task is None:
            raise OutcomeUnknownError(
                "the gateway knows no task of that external id, which does not prove that nothing was created; ask "
                "again later",
                outcome="unknown",
                external_task_id=external_task_id,
            )
        show_task(task, as_json=as_json)
