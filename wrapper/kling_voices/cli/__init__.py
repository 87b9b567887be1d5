"""The command line: `kling-voices`. It needs the extra `cli`."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line, or say what is missing for it."""
    try:
        from ._commands import app  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError as error:
        sys.exit(f"kling-voices: {error.name} is missing; install the extra: pip install 'kling-voices[cli]'")
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot show is no reason to fail
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
