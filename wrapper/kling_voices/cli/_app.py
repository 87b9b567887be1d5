"""The application object, and the options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ..errors import InvalidInputError
from ._console import print_result, redact_key
from ._group import CommandGroup

if TYPE_CHECKING:
    from .._http.endpoint import Endpoint
    from ..client import KlingVoices

EXIT_CODES = (
    "Exit codes: 0 done, 2 invalid input, 3 rejected by the gateway, 4 outcome unknown (check before you create "
    "again), 5 gateway or network failure, 6 the task failed, 7 the wait timed out, 130 interrupted."
)

app = typer.Typer(
    cls=CommandGroup,
    name="kling-voices",
    help="Create Kling custom voices on the chainhub and kkiai gateways.\n\nThe API key is read from CHAINHUB_API_KEY "
    "or KKIAI_API_KEY, then from KLING_API_KEY, or from the file of --api-key-file. To try a command without a key, "
    "use --gateway mock.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich takes longer than everything else that `--help` does
)


def _complete_gateway(incomplete: str) -> list[str]:
    from .._http.endpoint import Gateway  # noqa: PLC0415 - it imports httpx

    return [name for name in map(str, Gateway) if name.startswith(incomplete)]


GatewayOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--gateway",
        help="chainhub, kkiai, mock, or a base URL. Default: $KLING_GATEWAY, then chainhub.",
        autocompletion=_complete_gateway,
    ),
]
KeyFileOption: TypeAlias = Annotated[
    Path | None, typer.Option("--api-key-file", help="A file with the API key as its only content.")
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else.")
]
LimitOption: TypeAlias = Annotated[int, typer.Option("--limit", min=1, help="Maximum number of entries to print.")]
PageSizeOption: TypeAlias = Annotated[
    int, typer.Option("--page-size", help="Number of entries per request, 1 to 1000.")
]
TimeoutOption: TypeAlias = Annotated[float, typer.Option("--timeout", help="Maximum seconds to wait.")]


def _print_version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        print_result(f"kling-voices {version('kling-voices')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and exit.")
    ] = False,
) -> None:
    del version


def open_client(gateway: str | None, api_key_file: Path | None) -> KlingVoices:
    """The client of a command, with the key from the file or the environment."""
    return connect(resolve_key_and_gateway(gateway, api_key_file), gateway)


def connect(endpoint: Endpoint, gateway: str | None) -> KlingVoices:
    """The client for an endpoint that was resolved from the option `gateway`."""
    from ..client import KlingVoices  # noqa: PLC0415 - httpx is slow to import, and `--help` needs no client

    redact_key(endpoint.api_key)
    return KlingVoices(endpoint.api_key, gateway=gateway)


def resolve_key_and_gateway(gateway: str | None, api_key_file: Path | None) -> Endpoint:
    """The gateway and the key. Call it once for each command: the key file may be a pipe."""
    from .._http.endpoint import resolve_endpoint  # noqa: PLC0415 - httpx is slow to import

    return resolve_endpoint(_read_key(api_key_file), gateway, os.environ)


def _read_key(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidInputError(f"the key file {file} cannot be read: {reason}") from None
