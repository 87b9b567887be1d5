"""The command that creates a voice."""

from __future__ import annotations

import os
import shlex
from typing import Annotated, TypedDict

import typer

from ..errors import InvalidInputError
from ._advice import Advice
from ._app import EXIT_CODES, GatewayOption, JsonOption, KeyFileOption, TimeoutOption, app, open_client
from ._errors import handle_errors
from ._output import print_finished_task, print_task
from ._progress import show_progress
from ._voice_file import StageOption, VoiceFileOption, staged_voice


class CreateArguments(TypedDict):
    """The keyword arguments that `create_voice` and `create_and_wait` have in common."""

    voice_url: str | None
    video_id: str | None
    callback_url: str | None
    external_task_id: str | None


@app.command(epilog=EXIT_CODES)
def create(
    name: Annotated[str, typer.Argument(help="The name of the voice, 1 to 20 characters.", show_default=False)],
    *,
    voice_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Public URL of an .mp3, .wav, .mp4 or .mov file with 5 to 30 s of one clean voice."
        ),
    ] = None,
    video_id: Annotated[
        str | None, typer.Option(metavar="ID", help="A Kling video with sound, instead of a URL.")
    ] = None,
    voice_file: VoiceFileOption = None,
    stage: StageOption = None,
    callback_url: Annotated[
        str | None, typer.Option(metavar="URL", help="URL that the gateway calls when the task changes.")
    ] = None,
    external_task_id: Annotated[
        str | None, typer.Option(metavar="ID", help="Your own unique id for the task. Default: a new UUID.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the voice is ready, and print its id.")] = False,
    timeout: TimeoutOption = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a voice from a recording or a video. Every create is charged, and no create is charged twice.

    Prints the id of the task or, with --wait, the id of the voice. A local file is first checked and uploaded to your
    object store. The upload is deleted when the command ends. Without --wait it is kept, because the gateway may not
    have fetched it yet.
    """
    advice = Advice(gateway, api_key_file)
    with handle_errors(as_json=as_json):
        _reject_local_path(voice_url)
    with (
        handle_errors(as_json=as_json, advice=advice),
        open_client(gateway, api_key_file) as client,
        staged_voice(name, voice_file, stage, other_source=voice_url or video_id, is_waiting=wait) as staged_url,
    ):
        arguments: CreateArguments = {
            "voice_url": staged_url or voice_url,
            "video_id": video_id,
            "callback_url": callback_url,
            "external_task_id": external_task_id,
        }
        if wait:
            with show_progress(f"Creating the voice {name}") as update:
                task = client.create_and_wait(name, **arguments, timeout=timeout, on_update=update)
            print_finished_task(task, as_json=as_json, advice=advice)
        else:
            print_task(client.create_voice(name, **arguments), as_json=as_json)


def _reject_local_path(voice_url: str | None) -> None:
    from .._flows.validation import is_local_path  # noqa: PLC0415 - `--help` does not need it

    # Path.is_file would raise OSError for a long URL.
    if voice_url and (is_local_path(voice_url) or os.path.isfile(voice_url)):  # noqa: PTH113
        path = voice_url.removeprefix("file://").removeprefix("file:")
        raise InvalidInputError(
            f"--voice-url {voice_url} is a local file, which the gateway cannot fetch; use instead: "
            f"--voice-file {shlex.quote(path)} --stage URL, with your object store as URL, such as s3://bucket/voices"
        )
