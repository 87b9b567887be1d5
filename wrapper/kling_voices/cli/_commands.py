"""The commands: each reads its options, makes one call on the client, and shows what came."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypedDict

import typer

from .._protocol import operations as _operations
from ..errors import InvalidInputError, OutcomeUnknownError
from ._calling import arguments_of
from ._ending import ending, print_json, say
from ._showing import progress, show_operations, show_task, show_tasks, show_voices, task_as_json

if TYPE_CHECKING:
    from ..client import KlingVoices

_EXIT_CODES = (
    "Exit codes: 0 done, 2 invalid input, 3 refused by the gateway, 4 outcome unknown (ask with recover before paying "
    "again), 5 gateway or network failed, 6 the voice failed, 7 the wait timed out, 130 interrupted."
)

app = typer.Typer(
    name="kling-voices",
    help="Make Kling custom voices on the chainhub and kkiai gateways.\n\nThe key is read from CHAINHUB_API_KEY or "
    "KKIAI_API_KEY, then KLING_API_KEY, or from --api-key-file. Try it without a key: --gateway mock.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing what draws boxes takes longer than all the rest of a --help
)

GatewayOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--gateway", help="chainhub, kkiai, mock, or a base URL. Default: $KLING_GATEWAY, then chainhub."),
]
KeyFileOption: TypeAlias = Annotated[
    Path | None, typer.Option("--api-key-file", help="A file that holds the key and nothing else.")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
LimitOption: TypeAlias = Annotated[int, typer.Option("--limit", min=1, help="How many to show at most.")]
PageSizeOption: TypeAlias = Annotated[int, typer.Option("--page-size", help="How many to fetch at a time: 1 to 1000.")]
TimeoutOption: TypeAlias = Annotated[float, typer.Option("--timeout", help="Seconds to wait at most for the voice.")]


class Source(TypedDict):
    """What a voice is made from."""

    voice_url: str | None
    video_id: str | None
    callback_url: str | None
    external_task_id: str | None


@app.command(epilog=_EXIT_CODES)
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
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
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


@app.command(epilog=_EXIT_CODES)
def get(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="A task id or external task id.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a task as it stands: its voice id once it has succeeded."""
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        show_task(client.get_task(task_id), as_json=as_json)


@app.command(epilog=_EXIT_CODES)
def wait(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="A task id or external task id.")],
    *,
    timeout: TimeoutOption = 600.0,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until a task has succeeded, and print its voice id."""
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        with progress(f"Waiting for {task_id}") as update:
            task = client.wait(task_id, timeout=timeout, on_update=update)
        show_task(task, as_json=as_json, wants_voice=True)


@app.command("list", epilog=_EXIT_CODES)
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
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        show_tasks(islice(client.list_tasks(page_size=page_size), limit), as_json=as_json)


@app.command(epilog=_EXIT_CODES)
def presets(
    *,
    limit: LimitOption = 100,
    page_size: PageSizeOption = 30,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the voices that Kling itself offers: id and name, a line each."""
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        show_voices(islice(client.list_presets(page_size=page_size), limit), as_json=as_json)


@app.command(epilog=_EXIT_CODES)
def delete(
    voice_id: Annotated[str, typer.Argument(metavar="VOICE_ID", help="The voice's id, not its task's.")],
    *,
    gateway: GatewayOption = None,
    api_key_file: KeyFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a voice for good."""
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        task = client.delete_voice(voice_id)
        if as_json:
            print_json(task_as_json(task))
        say(f"the voice {voice_id} is deleted")


@app.command(epilog=_EXIT_CODES)
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
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        task = client.recover(external_task_id)
        if task is None:
            raise OutcomeUnknownError(
                "the gateway knows no task of that external id, which does not prove that nothing was created; ask "
                "again later",
                outcome="unknown",
                external_task_id=external_task_id,
            )
        show_task(task, as_json=as_json)


@app.command(epilog=_EXIT_CODES)
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
    with ending(as_json=as_json), _client(gateway, api_key_file) as client:
        print_json(client.call(operation, **arguments_of(operation, argument or [], body, file or [])))


@app.command(epilog=_EXIT_CODES)
def operations(*, as_json: JsonOption = False) -> None:
    """List the operations that `call` knows: name, method, path and arguments, a line each. Sends nothing."""
    with ending(as_json=as_json):
        show_operations(_operations.describe_operations(), as_json=as_json)


@app.command(epilog=_EXIT_CODES)
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
    with ending(as_json=False):
        from ._serving import serve  # noqa: PLC0415 - the extra `mock` may be missing, and asyncio is slow to import

        serve(host, port, api_key=api_key, dialect=dialect, creation_seconds=creation_seconds, log=log)


def _client(gateway: str | None, api_key_file: Path | None) -> KlingVoices:
    from ..client import KlingVoices  # noqa: PLC0415 - httpx is slow to import, and a --help needs no client

    return KlingVoices(_key_in(api_key_file), gateway=gateway)


def _key_in(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise InvalidInputError(f"the key file {file} cannot be read: {reason}") from None
