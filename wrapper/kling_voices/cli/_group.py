"""The group of all commands: errors in the use of the command line itself."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from ..errors import KlingVoicesError
from ._console import discard_output, print_message, redact_key
from ._errors import INTERRUPTED, INVALID_INPUT, OUTPUT_FAILED, report_usage_error

_UsageError: Any = typer.BadParameter.mro()[1]  # typer does not export the base class of its usage errors


class CommandGroup(TyperGroup):
    """Runs a command. A usage error ends with exit code 2 and, with `--json`, with a JSON document on stdout."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> NoReturn:
        """Run a command, and exit with its exit code."""
        given = sys.argv[1:] if args is None else args
        redact_key(None)  # of an earlier command in this process
        try:
            _reject_undecodable(given)
            result = super().main(args, *more, **{**options, "standalone_mode": False})
        except _UsageError as error:
            if "--json" in _options(given):
                print_message(error.format_message())
                report_usage_error(error.format_message())
            else:
                with contextlib.suppress(OSError):
                    error.show()
            sys.exit(INVALID_INPUT)
        except typer.Abort:
            sys.exit(INTERRUPTED)
        except KlingVoicesError as error:  # the version on a full disk
            print_message(str(error))
            sys.exit(OUTPUT_FAILED)
        except OSError as error:  # the help, or a table for a terminal
            discard_output()
            print_message(str(error) if error.filename else f"The output cannot be written: {error.strerror}.")
            sys.exit(OUTPUT_FAILED)
        sys.exit(result if isinstance(result, int) else 0)


def _options(arguments: Sequence[str]) -> Sequence[str]:
    """The arguments before `--`, which ends the options."""
    return arguments[: list(arguments).index("--")] if "--" in arguments else arguments


def _reject_undecodable(arguments: Sequence[str]) -> None:
    """Refuse an argument that Python could not decode, unless it names a file, whose name may be any bytes."""
    for number, argument in enumerate(arguments, 1):
        path = argument.rpartition("=")[2].removeprefix("@")
        if not _is_decoded(argument) and not os.path.lexists(path):
            raise typer.BadParameter(
                f"argument {number}, {argument!a}, contains bytes that are not valid in the terminal's encoding "
                f"({sys.getfilesystemencoding()}); set a UTF-8 locale, such as LC_ALL=C.UTF-8, and type it again"
            )


def _is_decoded(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # undecodable bytes have become surrogates
        return False
    return True
