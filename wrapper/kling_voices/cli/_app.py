"""The application object, and the options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..client import KlingVoices

EXIT_CODES = (
    "Exit codes: 0 done, 2 invalid input, 3 refused by the gateway, 4 outcome unknown (ask with recover before paying "
    "again), 5 gateway or network failed, 6 the voice failed, 7 the wait timed out, 130 interrupted."
)

app = typer.Typer(
    name="kling-voices",
    help="Make Kling custom voices on the chainhub and kkiai gateways.\n\nThe key is read from CHAINHUB_API_KEY or "
    "KKIAI_API_KEY, then KLING_API_KEY, or from --api-key-file. Try it without a key: --gateway mock.",
    epilog=EXIT_CODES,
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


def open_client(gateway: str | None, api_key_file: Path | None) -> KlingVoices:
    """The client that a command uses, with the key from the file or the environment."""
    from ..client import KlingVoices  # noqa: PLC0415 - httpx is slow to import, and a --help needs no client

    return KlingVoices(_read_key(api_key_file), gateway=gateway)


def _read_key(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise InvalidInputError(f"the key file {file} cannot be read: {reason}") from None
